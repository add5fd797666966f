//! What a run tells while it goes on.

use crate::account::Service;
use crate::execute::ApplyError;
use ingc_compiler::resource::Address;
use ingc_planner::Action;
use std::time::Duration;

/// One piece of news.
#[derive(Clone, Debug, PartialEq)]
pub enum Event<'e> {
    /// A step begins.
    ApplyStart {
        /// The resource; for a reorder the listener.
        address: &'e Address,
        /// What is done to it.
        action: Action,
    },
    /// A mutating call of AWS is made, of the simulated one too: once for every attempt.
    AwsCall {
        /// Who answers it.
        service: Service,
        /// AWS's name of it.
        action: &'e str,
        /// For what it is made: mostly one resource. Calls for several are made on behalf of the
        /// first.
        addresses: &'e [Address],
    },
    /// A mutating call of the cluster's API server is made.
    KubernetesCall {
        /// What is done, such as `CreateTargetGroupBinding`.
        action: &'e str,
        /// For which resource.
        address: &'e Address,
    },
    /// Something is waited for.
    Waiting {
        /// The resource.
        address: &'e Address,
        /// For what, in a few words.
        what: &'e str,
    },
    /// A certificate waits until this record stands in the DNS.
    ValidationRecord {
        /// The certificate.
        address: &'e Address,
        /// The record's name.
        name: &'e str,
        /// The record's type.
        kind: &'e str,
        /// The record's value.
        value: &'e str,
    },
    /// A step is done.
    ApplyComplete {
        /// The resource; for a reorder the listener.
        address: &'e Address,
        /// What was done to it.
        action: Action,
        /// How long it took.
        elapsed: Duration,
    },
    /// A step has failed.
    ApplyErrored {
        /// Why.
        error: &'e ApplyError,
        /// What was to be done.
        action: Action,
        /// How long it took.
        elapsed: Duration,
    },
}
