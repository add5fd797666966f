//! Compares a recorded object with what it shall be.

use super::tracking::overrule_tags;
use super::{Live, Planner};
use crate::diff::{Sides, diff, drift};
use crate::live::LiveObject;
use crate::plan::{Drift, FieldChange};
use crate::state::{Origins, Pairs, Recorded, SecretHash, SpecText, hash};
use ingc_compiler::graph::Resource;
use ingc_compiler::resource::{Address, Kind};
use serde_json::Value;
use std::collections::BTreeMap;

/// What a comparison finds.
pub(super) enum Verdict {
    Same,
    Differs {
        fields: Vec<FieldChange>,
        /// Nothing differs but what references lead to.
        repoint: bool,
    },
}

impl Recorded {
    /// An entry for an object as AWS has it.
    pub(crate) fn of(object: &LiveObject) -> Recorded {
        Recorded {
            spec: object.spec.clone(),
            outputs: object.outputs.clone(),
            depends_on: Pairs::new(),
            generation: 0,
            secrets: BTreeMap::new(),
            origins: Origins::default(),
            tagged: None,
            unfinished: Vec::new(),
        }
    }
}

impl<'a> Planner<'_, 'a> {
    /// Equal texts with equal references are equal without being read.
    pub(super) fn compare(
        &mut self,
        address: &Address,
        resource: &Resource,
        after: &str,
        recorded: &Recorded,
        live: Live<'a>,
    ) -> Verdict {
        let equal = recorded.spec.as_str() == after;
        let secrets = changed_secrets(resource, recorded);
        let current = self.cx.identities.is_current(self.name, recorded);
        let finished = recorded.unfinished.is_empty() && secrets.is_empty();
        if equal && current && finished && !matches!(live, Live::Found(_)) {
            return Verdict::Same;
        }
        let tracking = match live {
            Live::Found(object) => self.lost_tags(address, recorded, object),
            _ => Vec::new(),
        };
        let literals = self.literals.get_or_insert_with(|| self.cx.identities.literals(self.name));
        let identities = &self.cx.identities;
        let mut applied = identities.applied(self.name, &recorded.spec, &recorded.depends_on);
        let mut desired = SpecText::new(after).value();
        identities.refer(literals, &mut applied);
        identities.refer(literals, &mut desired);
        let cluster = self.cx.desired.cluster;
        overrule_tags(cluster, address, &mut applied);
        overrule_tags(cluster, address, &mut desired);
        let live = match live {
            Live::Found(object) => {
                let mut live = object.spec.value();
                overrule_tags(cluster, address, &mut live);
                identities.refer(literals, &mut live);
                keep_redacted(&desired, &mut live);
                Some(live)
            }
            _ => None,
        };
        if let Some(live) = &live {
            let fields = drift(address.kind, &applied, live);
            if !fields.is_empty() {
                self.out.drift.push(Drift {
                    address: address.clone(),
                    gone: false,
                    fields,
                    applied: Some(SpecText::from_value(&applied)),
                    live: Some(SpecText::from_value(&with(&applied, live))),
                });
            }
        }
        if address.kind == Kind::ListenerRule {
            // A rule's number is the schedule's business.
            for value in [Some(&mut applied), Some(&mut desired)].into_iter().flatten() {
                value["priority"] = Value::Null;
            }
        }
        let live = live.map(|mut live| {
            if address.kind == Kind::ListenerRule {
                live["priority"] = Value::Null;
            }
            live
        });
        let sides = Sides { applied: Some(&applied), live: live.as_ref(), desired: &desired };
        let mut fields = diff(address.kind, sides);
        if live.is_some() && self.recorded.is_some_and(|stack| stack.unfinished) {
            // A call of an interrupted run may have had its effect and is not recorded: it is made
            // again, so that the record tells it.
            let unrecorded = diff(address.kind, Sides { live: None, ..sides });
            let is_new = |field: &FieldChange| {
                !field.forces_replacement && fields.iter().all(|known| known.path != field.path)
            };
            let unrecorded: Vec<_> = unrecorded.into_iter().filter(is_new).collect();
            fields.extend(unrecorded);
        }
        let repoint = equal && finished && live.is_none();
        for name in &recorded.unfinished {
            if !fields.iter().any(|field| super::draft::top_level(&field.path) == name) {
                let after = desired.get(name).cloned();
                fields.push(FieldChange { after, ..FieldChange::at(name.clone()) });
            }
        }
        fields.extend(secrets);
        fields.extend(tracking);
        if fields.is_empty() {
            return Verdict::Same;
        }
        for field in &mut fields {
            self.mark_unknown(field);
        }
        Verdict::Differs { fields, repoint }
    }

    /// Says of a value whether it is known before apply.
    pub(super) fn mark_unknown(&self, field: &mut FieldChange) {
        let unknown = |value: &Value| self.cx.identities.holds_unknown(self.name, value);
        field.known_after_apply = field.after.as_ref().is_some_and(unknown);
    }

    /// The hashes to record for a spec's secrets. A secret that is recorded keeps its hash.
    pub(super) fn secrets(
        &self,
        address: &Address,
        resource: &Resource,
        recorded: Option<&Recorded>,
    ) -> BTreeMap<String, SecretHash> {
        let mut hashes = BTreeMap::new();
        for secret in &resource.secrets {
            let same = |hash: &&SecretHash| {
                hash.secret == secret.secret && hash.key == secret.key && hash.is_of(&secret.value)
            };
            let known = recorded.and_then(|r| r.secrets.get(&secret.pointer)).filter(same);
            let hash = known.cloned().unwrap_or_else(|| {
                let place = format!("{address}{}", secret.pointer);
                let salt = &hash(&self.cx.options.salt, &place)[..32];
                SecretHash::new(&secret.secret, &secret.key, salt, &secret.value)
            });
            hashes.insert(secret.pointer.clone(), hash);
        }
        hashes
    }
}

impl FieldChange {
    /// A difference at a path, with nothing said of it yet.
    pub(crate) fn at(path: String) -> Self {
        FieldChange {
            path,
            before: None,
            after: None,
            forces_replacement: false,
            known_after_apply: false,
            drifted: false,
            sensitive: false,
        }
    }
}

/// Secrets whose values are not the recorded ones.
fn changed_secrets(resource: &Resource, recorded: &Recorded) -> Vec<FieldChange> {
    let changed = resource.secrets.iter().filter(|secret| {
        recorded.secrets.get(&secret.pointer).is_none_or(|hash| !hash.is_of(&secret.value))
    });
    changed
        .map(|secret| FieldChange { sensitive: true, ..FieldChange::at(path_of(&secret.pointer)) })
        .collect()
}

/// A JSON pointer as the path of a field: `/actions/0/x` is `actions[0].x`.
fn path_of(pointer: &str) -> String {
    pointer.split('/').filter(|part| !part.is_empty()).fold(String::new(), |path, part| {
        if part.bytes().all(|byte| byte.is_ascii_digit()) {
            format!("{path}[{part}]")
        } else if path.is_empty() {
            part.to_owned()
        } else {
            format!("{path}.{part}")
        }
    })
}

/// A spec with the fields that AWS tells.
fn with(applied: &Value, live: &Value) -> Value {
    let mut all = applied.clone();
    for (name, value) in live.as_object().into_iter().flatten() {
        all[name] = value.clone();
    }
    all
}

/// AWS does not tell secrets: where the desired spec hides a value, what is live is the same.
pub(crate) fn keep_redacted(desired: &Value, live: &mut Value) {
    match (desired, live) {
        (Value::String(text), live) if text == "[REDACTED]" => *live = desired.clone(),
        (Value::Object(desired), Value::Object(live)) => {
            for (key, value) in desired {
                if value == "[REDACTED]" {
                    live.insert(key.clone(), value.clone());
                } else if let Some(live) = live.get_mut(key) {
                    keep_redacted(value, live);
                }
            }
        }
        (Value::Array(desired), Value::Array(live)) => {
            desired.iter().zip(live).for_each(|(desired, live)| keep_redacted(desired, live));
        }
        _ => {}
    }
}
