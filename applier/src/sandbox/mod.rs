//! The simulated AWS account (`--sandbox FILE`): it answers calls as AWS does, refuses what AWS
//! refuses, and keeps everything in a file.

mod action;
mod addon;
mod certificate;
mod cloud;
mod condition;
mod fault;
mod health_check;
mod iam;
mod listener;
mod load_balancer;
mod load_balancer_setting;
mod quota;
mod rule;
mod security_group;
mod seed;
mod tag;
mod target_group;
mod target_group_binding;
#[cfg(test)]
mod tests;

pub use fault::{Fault, When};

use crate::account::{Account, Call, CallError, Identity, Service};
use crate::attribute::Attribute;
use crate::error::Error;
use crate::store::{Durability, Lock, Snapshot};
use cloud::{Cloud, Texts};
use ingc_compiler::inventory::Inventory;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::future::Future;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// A simulated account. Every change is on disk before it is answered.
pub struct Sandbox {
    identity: Identity,
    inner: Mutex<Inner>,
}

struct Inner {
    cloud: Cloud,
    file: Option<Snapshot>,
    // Held as long as the account is open, so that two runs do not overwrite each other.
    _lock: Option<Lock>,
}

/// A call as the file's journal keeps it.
#[derive(Serialize, Deserialize)]
struct Recorded<'c> {
    service: Service,
    action: std::borrow::Cow<'c, str>,
    params: Value,
}

/// How long another run of the same sandbox is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

impl Sandbox {
    /// Opens the account of a file, which is made from the inventory if it is missing. What the
    /// inventory lists beyond the file is taken up.
    ///
    /// # Errors
    /// If the file cannot be read or written, is of another account, or is in use by another run.
    pub fn open(path: &Path, inventory: &Inventory) -> Result<Sandbox, Error> {
        let lock = Lock::wait(path, "the sandbox", PATIENCE)?;
        let failed = |source| Error::sandbox(path, source);
        let (mut file, before, journal) =
            Snapshot::open(path, Durability::Process).map_err(failed)?;
        let mut cloud = match &before {
            Some(text) => read(path, text, &journal)?,
            None => Cloud::from_inventory(inventory),
        };
        let wanted = seed::identity(inventory);
        if !inventory.account_id.is_empty()
            && (&wanted.account, &wanted.region) != (&cloud.account_id, &cloud.region)
        {
            return Err(Error::OtherSandbox {
                path: path.to_owned(),
                found: format!("{} in {}", cloud.account_id, cloud.region),
                wanted: format!("{} in {}", wanted.account, wanted.region),
            });
        }
        cloud.take_up(inventory, false);
        cloud.reindex();
        let now = text_of(&cloud);
        if before.as_ref() != Some(&now) {
            file.write(&now).map_err(failed)?;
        }
        Ok(Sandbox::of(cloud, Some(file), Some(lock)))
    }

    /// An account that no file keeps.
    pub fn in_memory(inventory: &Inventory) -> Sandbox {
        Sandbox::of(Cloud::from_inventory(inventory), None, None)
    }

    fn of(cloud: Cloud, file: Option<Snapshot>, lock: Option<Lock>) -> Sandbox {
        let identity = Identity {
            account: cloud.account_id.clone(),
            region: cloud.region.clone(),
            simulated: true,
        };
        Sandbox { identity, inner: Mutex::new(Inner { cloud, file, _lock: lock }) }
    }

    /// Lets calls fail from now on.
    pub fn fail(&self, fault: Fault) {
        self.lock().cloud.faults.push(fault);
    }

    /// Lets no further call fail.
    pub fn heal(&self) {
        self.lock().cloud.faults.clear();
    }

    /// All that the account holds, as its file would.
    pub fn text(&self) -> String {
        text_of(&self.lock().cloud)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        // A panic in a call leaves the account as it was before or after it, both of which are
        // states that it may be in.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, call: &Call) -> Result<Value, CallError> {
        let mut inner = self.lock();
        let inner = &mut *inner;
        if !call.mutates() {
            return inner.cloud.answer(call.service, call.action, &call.params);
        }
        let fault = fault::due(&mut inner.cloud.faults, call.action);
        if let Some(fault) = &fault
            && fault.when == When::Before
        {
            inner.save(None)?;
            return Err(fault.error(call.service, call.action));
        }
        let answer = inner.cloud.answer(call.service, call.action, &call.params);
        if answer.is_ok() || fault.is_some() {
            inner.save(fault.is_none().then_some(call))?;
        }
        match fault {
            Some(fault) if fault.when == When::Kill => std::process::abort(),
            Some(fault) => Err(fault.error(call.service, call.action)),
            None => answer,
        }
    }
}

impl Account for Sandbox {
    fn identity(&self) -> Identity {
        self.identity.clone()
    }

    fn call(&self, call: &Call) -> impl Future<Output = Result<Value, CallError>> + Send {
        std::future::ready(self.answer(call))
    }
}

impl Inner {
    /// Writes the account, or only the call where that says as much and the account is large.
    fn save(&mut self, call: Option<&Call>) -> Result<(), CallError> {
        let Some(file) = &mut self.file else { return Ok(()) };
        let written = match call {
            Some(call) if file.prefers_lines() => {
                let mut params = call.params.clone();
                redact(&mut params);
                let recorded =
                    Recorded { service: call.service, action: call.action.into(), params };
                file.append(&serde_json::to_string(&recorded).unwrap_or_default())
            }
            _ => file.write(&text_of(&self.cloud)),
        };
        written.map_err(|error| {
            CallError::new("SandboxFile", format!("the sandbox file cannot be written: {error}"))
        })
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(file) = &mut self.file
            && file.has_lines()
        {
            // What cannot be written now is read back from the journal by the next run.
            let _ = file.write(&text_of(&self.cloud));
        }
    }
}

/// Replaces secrets: no file shall hold one.
fn redact(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (key, field) in fields {
                if key == "ClientSecret" {
                    *field = Value::from("[REDACTED]");
                } else {
                    redact(field);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(redact),
        _ => {}
    }
}

fn text_of(cloud: &Cloud) -> String {
    serde_json::to_string_pretty(cloud).unwrap_or_default() + "\n"
}

fn read(path: &Path, text: &str, journal: &[String]) -> Result<Cloud, Error> {
    let mut cloud: Cloud = serde_json::from_str(text)
        .map_err(|error| Error::sandbox(path, std::io::Error::other(error)))?;
    if cloud.version > seed::VERSION {
        let message = format!(
            "it has version {}, and this ingc knows up to {}",
            cloud.version,
            seed::VERSION
        );
        return Err(Error::sandbox(path, std::io::Error::other(message)));
    }
    cloud.reindex();
    for line in journal {
        let call: Recorded<'_> = serde_json::from_str(line)
            .map_err(|error| Error::sandbox(path, std::io::Error::other(error)))?;
        // The call succeeded when it was written, and the account answers the same call alike.
        let _ = cloud.answer(call.service, &call.action, &call.params);
    }
    Ok(cloud)
}

/// AWS's defaults of attributes.
fn defaults(known: &[Attribute]) -> Texts {
    known.iter().map(|it| (it.key.to_owned(), it.default.to_owned())).collect()
}

/// The load balancer of a listener or rule, by its ARN.
fn load_balancer_of(arn: &str) -> String {
    let (kind, drop) =
        if arn.contains(":listener-rule/") { (":listener-rule/", 2) } else { (":listener/", 1) };
    let mut balancer = arn.replacen(kind, ":loadbalancer/", 1);
    for _ in 0..drop {
        balancer.truncate(balancer.rfind('/').unwrap_or(balancer.len()));
    }
    balancer
}

/// True for `10.0.0.0/8` and `2001:db8::/32`.
fn is_cidr(text: &str) -> bool {
    let Some((address, bits)) = text.split_once('/') else { return false };
    let Ok(address) = address.parse::<std::net::IpAddr>() else { return false };
    let most = if address.is_ipv4() { 32 } else { 128 };
    bits.parse::<u32>().is_ok_and(|bits| bits <= most)
}

/// True for what has the form of a predefined policy; the list of them grows with the years.
fn is_ssl_policy(name: &str) -> bool {
    name.strip_prefix("ELBSecurityPolicy-").is_some_and(|rest| {
        !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    })
}
