//! How fast AWS is called: token buckets like AWS's own, so that a large plan waits here instead of
//! being throttled there together with everybody else in the account.

use crate::account::{Call, Service};
use std::sync::Mutex;
use std::time::Duration;
use tokio::time::Instant;

/// Tokens that come back with time; a call takes one.
#[derive(Debug)]
struct Bucket {
    per_second: f64,
    burst: f64,
    level: Mutex<Option<(f64, Instant)>>,
}

impl Bucket {
    const fn new(per_second: f64, burst: f64) -> Bucket {
        Bucket { per_second, burst, level: Mutex::new(None) }
    }

    /// Takes a token, and tells how long to wait until it is there.
    fn take(&self, now: Instant) -> Duration {
        let mut level = self.level.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let (had, since) = level.unwrap_or((self.burst, now));
        let came = now.duration_since(since).as_secs_f64() * self.per_second;
        let left = (had + came).min(self.burst) - 1.0;
        *level = Some((left, now));
        if left >= 0.0 { Duration::ZERO } else { Duration::from_secs_f64(-left / self.per_second) }
    }
}

/// The buckets of an account and region.
#[derive(Debug)]
pub(crate) struct Pace {
    elb_reads: Bucket,
    elb_changes: Bucket,
    elb_targets: Bucket,
    ec2_reads: Bucket,
    ec2_changes: Bucket,
    web_acls: Bucket,
    others: Bucket,
}

impl Default for Pace {
    /// Questions to Elastic Load Balancing by AWS's own numbers: 40 at once, 10 a second. Changes
    /// as the controller paces itself, since AWS does not tell.
    fn default() -> Pace {
        Pace {
            elb_reads: Bucket::new(10.0, 40.0),
            elb_changes: Bucket::new(3.0, 20.0),
            elb_targets: Bucket::new(4.0, 20.0),
            ec2_reads: Bucket::new(10.0, 50.0),
            ec2_changes: Bucket::new(5.0, 50.0),
            web_acls: Bucket::new(0.5, 1.0),
            others: Bucket::new(5.0, 10.0),
        }
    }
}

impl Pace {
    /// Waits until a call may be made.
    pub(crate) async fn keep(&self, call: &Call) {
        let wait = self.bucket(call).take(Instant::now());
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
    }

    /// How long so many calls take at the least.
    #[cfg(test)]
    pub(crate) fn least<'c>(&self, calls: impl Iterator<Item = &'c Call>) -> Duration {
        let mut counts: Vec<(&Bucket, f64)> = Vec::new();
        for call in calls {
            let bucket = self.bucket(call);
            match counts.iter_mut().find(|(known, _)| std::ptr::eq(*known, bucket)) {
                Some((_, count)) => *count += 1.0,
                None => counts.push((bucket, 1.0)),
            }
        }
        let each = counts.iter().map(|(bucket, count)| {
            Duration::from_secs_f64((count - bucket.burst).max(0.0) / bucket.per_second)
        });
        each.max().unwrap_or_default()
    }

    fn bucket(&self, call: &Call) -> &Bucket {
        match (call.service, call.mutates()) {
            (Service::ElasticLoadBalancing, false) => &self.elb_reads,
            (Service::ElasticLoadBalancing, true) if call.action.ends_with("Targets") => {
                &self.elb_targets
            }
            (Service::ElasticLoadBalancing, true) => &self.elb_changes,
            (Service::Ec2, false) => &self.ec2_reads,
            (Service::Ec2, true) => &self.ec2_changes,
            (Service::Wafv2, true) => &self.web_acls,
            _ => &self.others,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_free_and_then_calls_come_at_their_rate() {
        let bucket = Bucket::new(2.0, 3.0);
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let waits: Vec<u128> = [0, 0, 0, 0, 0, 2_000, 60_000, 60_000, 60_000, 60_000]
            .into_iter()
            .map(|millis| bucket.take(at(millis)).as_millis())
            .collect();
        assert_eq!(waits, [0, 0, 0, 500, 1000, 0, 0, 0, 0, 500]);
    }
}
