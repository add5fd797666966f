//! What happens in the life of a cluster.

use super::fleet::{self, Edit};
use proptest::prelude::*;

/// How a run is cut short.
#[derive(Clone, Debug)]
pub(crate) enum Cut {
    /// It is not.
    No,
    /// Calls are refused: from which one on, how many, with which code.
    Refused(u32, u32, &'static str),
    /// Calls take effect and their answers are lost.
    Lost(u32, u32),
    /// The process ends before a call has its effect.
    KilledBefore(u32),
    /// The process ends when a call has had its effect.
    KilledAfter(u32),
    /// The disk is full at this write of the state.
    Unwritten(u32),
    /// Somebody interrupts it at this call.
    Cancelled(u32),
}

/// How a run is planned and carried out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum How {
    Whole,
    /// Prepared first, cut over then.
    Phases,
    /// Replaced load balancers stay until the next plan.
    KeepReplaced,
    CloseGaps,
    /// From the state alone.
    NoRefresh,
}

/// What somebody does to our objects by hand. Numbers choose one of those that there are.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Hand {
    DeletesRule(usize),
    DeletesListener(usize),
    DeletesLoadBalancer(usize),
    Tags(usize),
    ChangesHealthCheck(usize),
    ClosesSecurityGroup(usize),
    MovesRule(usize),
    DeletesBinding(usize),
}

/// One event.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// Manifests are edited and applied.
    Apply { edits: Vec<Edit>, how: How, cut: Cut, patient: bool },
    /// Stacks go back to what they were after an earlier event.
    Rollback(usize, Cut),
    /// The state is lost when all was done, and rebuilt from AWS.
    Lost,
    /// Somebody changes what is ours.
    Hand(Hand),
    /// Somebody makes an object with a name that ours will want: which one, and with whose tags.
    Squat(usize, usize),
    /// Somebody adds a rule to a listener of ours: which one, and with which number.
    Rule(usize, u16),
    /// Others take away what they have made.
    Leave,
    /// All of it is taken away.
    Destroy(Cut),
}

fn cut() -> impl Strategy<Value = Cut> {
    let n = || prop_oneof![3 => 0..8_u32, 1 => 8..60_u32];
    let codes = [
        "Throttling",
        "InternalFailure",
        "AccessDenied",
        "ServiceUnavailable",
        "ExpiredToken",
        "ValidationError",
        "DependencyViolation",
    ];
    prop_oneof![
        4 => Just(Cut::No),
        3 => (n(), 1..4_u32, prop::sample::select(codes.to_vec()))
            .prop_map(|(n, times, code)| Cut::Refused(n, times, code)),
        3 => (n(), 1..4_u32).prop_map(|(n, times)| Cut::Lost(n, times)),
        2 => n().prop_map(Cut::KilledBefore),
        3 => n().prop_map(Cut::KilledAfter),
        2 => n().prop_map(Cut::Unwritten),
        1 => n().prop_map(Cut::Cancelled),
    ]
}

fn how() -> impl Strategy<Value = How> {
    prop_oneof![
        5 => Just(How::Whole),
        2 => Just(How::Phases),
        1 => Just(How::KeepReplaced),
        1 => Just(How::CloseGaps),
        1 => Just(How::NoRefresh),
    ]
}

fn hand() -> impl Strategy<Value = Hand> {
    prop_oneof![
        any::<usize>().prop_map(Hand::DeletesRule),
        any::<usize>().prop_map(Hand::DeletesListener),
        any::<usize>().prop_map(Hand::DeletesLoadBalancer),
        any::<usize>().prop_map(Hand::Tags),
        any::<usize>().prop_map(Hand::ChangesHealthCheck),
        any::<usize>().prop_map(Hand::ClosesSecurityGroup),
        any::<usize>().prop_map(Hand::MovesRule),
        any::<usize>().prop_map(Hand::DeletesBinding),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    let edits = prop::collection::vec(fleet::edit(), 1..5);
    prop_oneof![
        10 => (edits, how(), cut(), any::<bool>())
            .prop_map(|(edits, how, cut, patient)| Event::Apply { edits, how, cut, patient }),
        1 => (any::<usize>(), cut()).prop_map(|(n, cut)| Event::Rollback(n, cut)),
        1 => Just(Event::Lost),
        2 => hand().prop_map(Event::Hand),
        1 => (any::<usize>(), any::<usize>()).prop_map(|(n, owner)| Event::Squat(n, owner)),
        1 => (any::<usize>(), prop::sample::select(vec![1, 3, 49_000]))
            .prop_map(|(n, number)| Event::Rule(n, number)),
        1 => Just(Event::Leave),
        1 => cut().prop_map(Event::Destroy),
    ]
}

/// A life that begins with some Ingresses.
pub(crate) fn history() -> impl Strategy<Value = Vec<Event>> {
    let first = (fleet::first(), how(), cut(), any::<bool>())
        .prop_map(|(edits, how, cut, patient)| Event::Apply { edits, how, cut, patient });
    (first, prop::collection::vec(event(), 0..7)).prop_map(|(first, mut events)| {
        events.insert(0, first);
        events
    })
}
