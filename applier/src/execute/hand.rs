//! The hand of a run that works on one resource: it makes calls, tells of them, and records what
//! they did before the next one.

use super::error::ApplyError;
use super::event::Event;
use super::signals::Signals;
use crate::account::{Account, Call, CallError, Identity, Service};
use crate::error::Error;
use ingc_compiler::diagnostic::code::applier as code;
use ingc_compiler::resource::Address;
use ingc_planner::state::Pairs;
use serde_json::{Value, json};
use std::num::NonZeroUsize;
use std::time::Duration;

/// What a run needs to know beside the plan.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The VPC in which security groups and target groups are made.
    pub vpc_id: String,
    /// How long to wait for what AWS does by and by.
    pub patience: Patience,
    /// How long to wait for targets in new target groups before requests are led to them; none to
    /// lead them there at once.
    pub await_targets: Option<Duration>,
    /// Each object is looked at just before the plan first touches it, and left alone if it is not
    /// as it was when the plan was made.
    pub looks_first: bool,
    /// How many stacks are worked on at a time, beside those that wait for AWS. One at a time is the
    /// order of the plan.
    pub parallelism: NonZeroUsize,
}

/// As many as Terraform works on.
pub const PARALLELISM: NonZeroUsize = NonZeroUsize::MIN.saturating_add(9);

impl Default for Facts {
    fn default() -> Facts {
        Facts {
            vpc_id: String::new(),
            patience: Patience::default(),
            await_targets: None,
            looks_first: false,
            parallelism: PARALLELISM,
        }
    }
}

/// The first rest before AWS is asked again; each one after it is twice as long.
const FIRST_REST: Duration = Duration::from_millis(250);

/// How often to try again what AWS cannot do yet, and how long to rest between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Attempts in all.
    pub attempts: u32,
    /// The longest rest between two. The first ones are shorter.
    pub rest: Duration,
    /// How often to make a call again whose answer was lost. Whatever it did is found again: by
    /// its name, by its tags, or by AWS saying that it is there already.
    pub lost: u32,
}

impl Default for Patience {
    /// For a simulated account, where nothing changes by waiting.
    fn default() -> Self {
        Patience { attempts: 1, rest: Duration::ZERO, lost: 0 }
    }
}

impl Patience {
    /// For AWS: ten minutes, as its own waiters for load balancers.
    pub fn of_aws() -> Patience {
        Patience { attempts: 120, rest: Duration::from_secs(5), lost: 3 }
    }
}

/// Why a resource is not finished.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A call failed.
    Refused {
        /// The call, without its parameters.
        call: (Service, &'static str),
        /// What was heard.
        error: Box<CallError>,
    },
    /// Something else.
    Own(Box<ApplyError>),
    /// What was done cannot be recorded: the run must end.
    Store(Box<Error>),
    /// Somebody asked for an end.
    Interrupted,
}

impl Failure {
    /// AWS's code, if a call was refused.
    pub(crate) fn is(&self, codes: &[&str]) -> bool {
        matches!(self, Failure::Refused { error, .. } if !error.unanswered && error.is(codes))
    }

    /// True if AWS said that what the call names does not exist.
    pub(crate) fn is_not_found(&self) -> bool {
        matches!(self, Failure::Refused { error, .. } if error.is_not_found())
    }

    /// The error to show.
    pub(crate) fn into_error(self, address: &Address) -> Result<ApplyError, Error> {
        match self {
            Failure::Refused { call: (service, action), error } => {
                Ok(ApplyError::of_call(address, &Call::new(service, action, Value::Null), &error))
            }
            Failure::Own(error) => Ok(*error),
            Failure::Interrupted => Ok(ApplyError::new(
                address,
                &code::NOT_DONE,
                "the run was interrupted",
                "run the same command again to continue",
            )),
            Failure::Store(error) => Err(*error),
        }
    }
}

/// What the run does when a hand has something to tell.
pub(crate) trait Progress {
    /// News for whoever watches.
    fn tell(&mut self, event: &Event<'_>);
    /// True if an entry of the state, current or set aside, is this object.
    fn is_recorded(&self, arn: &str) -> bool;
    /// Records what is done: outputs so far, and the fields that are still to be sent.
    fn record(&mut self, outputs: &Pairs, unfinished: &[String]) -> Result<(), Failure>;
}

/// Works on one resource.
pub(crate) struct Hand<'h, A> {
    pub(crate) account: &'h A,
    pub(crate) cluster: &'h str,
    pub(crate) facts: &'h Facts,
    pub(crate) address: &'h Address,
    /// What its tags say: the address that a rule gets in the end, where it is made elsewhere.
    pub(crate) identity: &'h Address,
    pub(super) signals: &'h Signals<'h>,
    pub(super) progress: &'h mut dyn Progress,
}

impl<A: Account> Hand<'_, A> {
    /// Which account it is.
    pub(crate) fn account_identity(&self) -> Identity {
        self.account.identity()
    }

    /// Makes a call, again and again while AWS says that it cannot do it yet.
    pub(crate) async fn call(&mut self, call: Call) -> Result<Value, Failure> {
        let addresses = std::slice::from_ref(self.address);
        self.call_for(call, addresses).await
    }

    /// Makes a call for several resources.
    pub(crate) async fn call_for(
        &mut self,
        call: Call,
        addresses: &[Address],
    ) -> Result<Value, Failure> {
        let mut attempts = 0;
        let mut lost = false;
        loop {
            if call.mutates() {
                if self.signals.is_ending() {
                    return Err(Failure::Interrupted);
                }
                let address = self.address;
                self.progress.tell(&match call.service {
                    Service::Kubernetes => Event::KubernetesCall { action: call.action, address },
                    service => Event::AwsCall { service, action: call.action, addresses },
                });
            }
            let error = match self.account.call(&call).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            if lost && is_done_already(&call, &error) {
                return Ok(Value::Null);
            }
            attempts += 1;
            lost |= error.unanswered;
            let Patience { attempts: limit, lost, .. } = self.facts.patience;
            let again = match error.unanswered {
                true => attempts <= lost,
                false => may_come(&call, &error) && attempts < limit,
            };
            if !again {
                let error = Box::new(error);
                return Err(Failure::Refused { call: (call.service, call.action), error });
            }
            self.rest("AWS to be ready for it", attempts).await?;
        }
    }

    /// Asks until the answer is as wanted.
    pub(crate) async fn wait(
        &mut self,
        what: &str,
        call: impl Fn() -> Call,
        ready: impl Fn(&Value) -> bool,
    ) -> Result<Value, Failure> {
        for attempt in 1.. {
            let answer = self.call(call()).await?;
            if ready(&answer) {
                return Ok(answer);
            }
            if attempt >= self.facts.patience.attempts {
                break;
            }
            self.rest(what, attempt).await?;
        }
        Err(self.in_vain(what))
    }

    /// Asks about a load balancer until the answer is as wanted. Who asks, asks for all who wait.
    pub(crate) async fn wait_for_balancer(
        &mut self,
        what: &str,
        arn: &str,
        ready: impl Fn(&Value) -> bool,
    ) -> Result<Value, Failure> {
        let signals = self.signals;
        let awaited = signals.together.wait(arn);
        let ask =
            |arns: &[String]| Call::elb("DescribeLoadBalancers", json!({"LoadBalancerArns": arns}));
        for attempt in 1.. {
            let answer = match awaited.heard() {
                Some(heard) => heard,
                None => {
                    let mut asked = self.call(ask(&awaited.question())).await;
                    // Another one that does not exist is no business of this step.
                    if asked.as_ref().is_err_and(Failure::is_not_found) {
                        asked = self.call(ask(&[arn.to_owned()])).await;
                    }
                    awaited.hear(&asked?);
                    awaited.heard().unwrap_or_default()
                }
            };
            if ready(&answer) {
                return Ok(answer);
            }
            if attempt >= self.facts.patience.attempts {
                break;
            }
            self.rest(what, attempt).await?;
        }
        Err(self.in_vain(what))
    }

    /// Asks until the answer is as wanted, or the time is over: false then. An account where nothing
    /// changes by waiting is asked once.
    pub(super) async fn wait_for(
        &mut self,
        bound: Duration,
        what: &str,
        call: impl Fn() -> Call,
        ready: impl Fn(&Value) -> bool,
    ) -> Result<bool, Failure> {
        let started = tokio::time::Instant::now();
        let most = self.facts.patience.rest;
        for attempt in 1.. {
            let answer = self.call(call()).await?;
            if ready(&answer) {
                return Ok(true);
            }
            if most.is_zero() || started.elapsed() + most > bound {
                break;
            }
            self.rest(what, attempt).await?;
        }
        Ok(false)
    }

    /// Rests, longer from time to time.
    async fn rest(&mut self, what: &str, attempt: u32) -> Result<(), Failure> {
        self.progress.tell(&Event::Waiting { address: self.address, what });
        let first = FIRST_REST * 2_u32.saturating_pow(attempt.saturating_sub(1).min(8));
        self.signals.rest(first.min(self.facts.patience.rest)).await;
        if self.signals.is_ending() { Err(Failure::Interrupted) } else { Ok(()) }
    }

    /// News for whoever watches.
    pub(crate) fn tell(&mut self, event: &Event<'_>) {
        self.progress.tell(event);
    }

    /// True if an entry of the state, current or set aside, is this object.
    pub(crate) fn is_recorded(&self, arn: &str) -> bool {
        self.progress.is_recorded(arn)
    }

    /// Refuses an object as a new one that the state knows already: the one that is replaced.
    pub(crate) fn check_new(&self, arn: &str, what: &str) -> Result<(), Failure> {
        if !self.is_recorded(arn) {
            return Ok(());
        }
        Err(self.failure(
            &code::NOT_OURS,
            format!("{what} is recorded for this stack already, as another resource or as the one that is replaced"),
            "two cannot have one name: give the new one another name, then plan again",
        ))
    }

    /// Records what is done so far.
    pub(crate) fn record(&mut self, outputs: &Pairs, unfinished: &[String]) -> Result<(), Failure> {
        self.progress.record(outputs, unfinished)
    }

    /// Records what is about to be made and carries no tags by which a later run would know it: a
    /// run that dies in the call leaves an entry that is made, or taken away, by the next one.
    pub(crate) fn claim(&mut self, field: &str) -> Result<(), Failure> {
        self.record(&Pairs::new(), &[field.to_owned()])
    }

    fn in_vain(&self, what: &str) -> Failure {
        let next = "run the same command again to wait again";
        self.failure(&code::TIMED_OUT, format!("waited in vain for {what}"), next)
    }

    /// A failure that no call is to blame for.
    pub(crate) fn failure(
        &self,
        code: &'static ingc_compiler::diagnostic::Code,
        message: impl Into<String>,
        next: impl Into<String>,
    ) -> Failure {
        Failure::Own(Box::new(ApplyError::new(self.address, code, message, next)))
    }
}

/// True if AWS says in these words that the attempt whose answer was lost has done it all. Other
/// calls are answered alike each time, or find what they have made by its name.
fn is_done_already(call: &Call, error: &CallError) -> bool {
    let done = match call.action {
        "AuthorizeSecurityGroupIngress" => "InvalidPermission.Duplicate",
        "RevokeSecurityGroupIngress" => "InvalidPermission.NotFound",
        // What it is called says who it is, and nobody else has had the name before the attempt.
        "CreateOpenIDConnectProvider" | "CreatePolicy" | "CreateRole" => "EntityAlreadyExists",
        _ => return false,
    };
    error.code == done
}

/// True if the same call may succeed later on.
fn may_come(call: &Call, error: &CallError) -> bool {
    let fresh = match call.action {
        "CreateRule" | "AddListenerCertificates" | "ModifyListenerAttributes" => "ListenerNotFound",
        "CreateListener" => "LoadBalancerNotFound",
        "RegisterTargets" => "InvalidTarget",
        "AttachRolePolicy" => "NoSuchEntity",
        _ => "",
    };
    error.retryable || error.code == fresh
}
