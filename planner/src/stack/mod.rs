//! Plans one stack: what becomes of each of its resources.

mod attached;
mod compare;
mod draft;
mod rules;
mod side;
mod spec;
mod stray;
mod tracking;

pub(crate) use compare::keep_redacted;
pub(crate) use draft::{Draft, ListenerDraft, StackDraft};
pub(crate) use tracking::renewed_tag;

use crate::check::Controller;
use crate::desired::Desired;
use crate::identity::{Identities, Literals};
use crate::live::LiveObject;
use crate::name::Names;
use crate::options::Options;
use crate::plan::{Action, Drift};
use crate::state::{Recorded, SpecText, StackState, State, local_address};
use compare::Verdict;
use ingc_compiler::diagnostic::{Diagnostic, Diagnostics};
use ingc_compiler::graph::{Resource, Stack};
use ingc_compiler::resource::{Address, Kind, Output};
use ingc_compiler::tag;
use spec::is_nothing;
use std::collections::{BTreeMap, BTreeSet};

/// Kinds in the order in which their fates are known: what is referred to comes first, and a
/// target group shares the fate of its load balancer.
const KINDS: [Kind; 14] = [
    Kind::Certificate,
    Kind::SecurityGroup,
    Kind::LoadBalancer,
    Kind::TargetGroup,
    Kind::TargetGroupBinding,
    Kind::Listener,
    Kind::ListenerRule,
    Kind::FrontendNlbTargetGroups,
    Kind::WebAclAssociation,
    Kind::WafRegionalWebAclAssociation,
    Kind::Protection,
    Kind::OidcProvider,
    Kind::ManagedPolicy,
    Kind::Role,
];

/// What planning reads and writes.
pub(crate) struct Cx<'a> {
    pub(crate) desired: Desired<'a>,
    pub(crate) state: &'a State,
    pub(crate) options: &'a Options<'a>,
    pub(crate) identities: Identities<'a>,
    /// What the controller has to do with stacks, where that counts.
    pub(crate) controller: Controller<'a>,
    pub(crate) names: Names<'a>,
    /// Id of the recorded shared security group, which an inventory may name too.
    pub(crate) shared_group: Option<&'a str>,
    pub(crate) diagnostics: Diagnostics,
    /// Findings that refuse the stack that is being planned.
    pub(crate) refused: Vec<Diagnostic>,
}

impl<'a> Cx<'a> {
    pub(crate) fn new(desired: Desired<'a>, state: &'a State, options: &'a Options<'a>) -> Self {
        let shared = Address::new(tag::CLUSTER_STACK, Kind::SecurityGroup, tag::BACKEND_SG);
        let asks_controller = options.refuse_held || options.refuse_served;
        let controller = asks_controller.then(|| Controller::new(desired.compilation));
        Cx {
            desired,
            state,
            options,
            controller: controller.unwrap_or_default(),
            identities: Identities::new(state, options.live.filter(|_| options.import)),
            names: Names::new(state),
            shared_group: state.output(&shared, Output::GroupId),
            diagnostics: Diagnostics::new(),
            refused: Vec::new(),
        }
    }

    /// What AWS has at a recorded address: none if it was not read, or was found gone.
    fn live(&self, address: &Address) -> Live<'a> {
        match self.options.live.and_then(|live| live.objects.get(address)) {
            None => Live::Unread,
            Some(None) => Live::Gone,
            Some(Some(object)) => Live::Found(object),
        }
    }
}

/// What a refresh says of an address.
#[derive(Clone, Copy)]
enum Live<'a> {
    Unread,
    Gone,
    Found(&'a LiveObject),
}

/// Plans a stack. Without a desired one everything recorded goes.
pub(crate) fn plan<'a>(
    cx: &mut Cx<'a>,
    name: &'a str,
    desired: Option<&'a Stack>,
) -> StackDraft<'a> {
    let recorded = cx.state.stacks.get(name);
    let mut planner = Planner {
        cx,
        name,
        desired,
        recorded,
        literals: None,
        renamed: BTreeMap::new(),
        attached: BTreeSet::new(),
        keys: BTreeSet::new(),
        text: Vec::with_capacity(1024),
        out: StackDraft::new(name),
    };
    // Of a new stack everything is made.
    if let (None, Some(desired)) = (recorded, desired) {
        planner.out.drafts.reserve_exact(desired.resources.len());
    }
    for kind in KINDS {
        if kind == Kind::ListenerRule {
            planner.rules();
        } else {
            planner.kind(kind);
        }
    }
    planner.deposed();
    planner.strays();
    planner.out.unfinished = recorded.is_some_and(|stack| stack.unfinished);
    planner.out
}

struct Planner<'p, 'a> {
    cx: &'p mut Cx<'a>,
    name: &'a str,
    desired: Option<&'a Stack>,
    recorded: Option<&'a StackState>,
    /// Made when the first spec has to be understood.
    literals: Option<Literals>,
    /// Names of target groups that are not the compiled ones, by id.
    renamed: BTreeMap<String, String>,
    /// `type/id`s of target groups whose load balancer is replaced.
    attached: BTreeSet<String>,
    /// Keys given to objects that this plan sets aside.
    keys: BTreeSet<String>,
    /// Where specs are written, to be compared or copied.
    text: Vec<u8>,
    out: StackDraft<'a>,
}

impl<'a> Planner<'_, 'a> {
    fn address(&self, kind: Kind, id: &str) -> Address {
        Address::new(self.name, kind, id)
    }

    fn wanted(&self, kind: Kind) -> impl Iterator<Item = (&'a Address, &'a Resource)> + use<'a> {
        let first = Address::new(self.name, kind, "");
        let resources = self.desired.map(|stack| stack.resources.range(first..));
        resources
            .into_iter()
            .flatten()
            .take_while(move |(address, _)| address.kind == kind)
            .filter(|(_, resource)| !is_nothing(resource))
    }

    /// Recorded resources of a kind: id, `type/id` and entry, sorted by id.
    fn existing(
        &self,
        kind: Kind,
    ) -> impl Iterator<Item = (&'a str, &'a String, &'a Recorded)> + use<'a> {
        let first = format!("{}/", kind.type_name());
        let resources = self.recorded.map(|stack| stack.resources.range(first..));
        let id = move |local: &'a String| local.strip_prefix(kind.type_name())?.strip_prefix('/');
        resources
            .into_iter()
            .flatten()
            .map_while(move |(local, recorded)| Some((id(local)?, local, recorded)))
    }

    fn entry(&self, address: &Address) -> Option<&'a Recorded> {
        self.recorded?.resources.get(&address.local())
    }

    /// Both sides are sorted by id, and so one walk over them finds what belongs together.
    fn kind(&mut self, kind: Kind) {
        let mut existing = self.existing(kind).peekable();
        for (address, resource) in self.wanted(kind) {
            let mut entry = None;
            while let Some((id, local, recorded)) =
                existing.next_if(|(id, _, _)| *id <= address.id.as_str())
            {
                if id == address.id {
                    entry = Some(recorded);
                } else {
                    self.unwanted_entry(local, recorded);
                }
            }
            self.resource(address, resource, entry);
        }
        for (_, local, recorded) in existing {
            self.unwanted_entry(local, recorded);
        }
    }

    fn unwanted_entry(&mut self, local: &str, recorded: &'a Recorded) {
        if let Some(address) = local_address(self.name, local) {
            self.unwanted(address, recorded);
        }
    }

    /// What the manifests ask for.
    fn resource(
        &mut self,
        address: &'a Address,
        resource: &'a Resource,
        recorded: Option<&'a Recorded>,
    ) {
        let live = self.cx.live(address);
        let Some(recorded) = recorded else {
            if let Live::Found(object) = live
                && self.cx.options.import
            {
                return self.import(address, resource, object);
            }
            return self.create(address, resource, None);
        };
        if matches!(live, Live::Gone) {
            self.gone(address, recorded);
            return self.create(address, resource, Some(recorded));
        }
        let follows = !self.attached.is_empty() && self.attached.contains(&address.local());
        if matches!(live, Live::Unread) && !follows && self.is_equal(resource, recorded) {
            self.out.unchanged += 1;
            return;
        }
        let mut after = self.spec_text(address, resource);
        if address.kind == Kind::TargetGroup && recorded.spec != after {
            after = self.keep_name(address, resource, recorded);
        }
        let verdict = self.compare(address, resource, after.as_str(), recorded, live);
        self.settle(address, resource, recorded, after, verdict);
    }

    /// True if there is nothing to understand: the compiled text is the recorded one, and all that
    /// it refers to is what it was.
    fn is_equal(&mut self, resource: &Resource, recorded: &Recorded) -> bool {
        if !resource.secrets.is_empty() || !recorded.unfinished.is_empty() {
            return false;
        }
        self.text.clear();
        resource.write_spec(&mut self.text);
        *recorded.spec.as_str().as_bytes() == *self.text
            && self.cx.identities.is_current(self.name, recorded)
    }

    /// Turns what a comparison found into a draft.
    fn settle(
        &mut self,
        address: &Address,
        resource: &'a Resource,
        recorded: &'a Recorded,
        mut after: SpecText,
        verdict: Verdict,
    ) {
        let follows = !self.attached.is_empty() && self.attached.contains(&address.local());
        let (mut fields, repoint) = match verdict {
            Verdict::Same if !follows => {
                self.out.unchanged += 1;
                return;
            }
            Verdict::Same => (Vec::new(), false),
            Verdict::Differs { fields, repoint } => (fields, repoint),
        };
        let mut draft = Draft::new(address.clone(), Action::Update);
        draft.generation = recorded.generation;
        draft.repoint = repoint;
        if follows || fields.iter().any(|field| field.forces_replacement) {
            draft.action = Action::Replace;
            draft.follows = follows;
            draft.depose = Some(self.depose_key(&address.local()));
            self.exchange(address, recorded);
            (after, draft.generation) = self.new_spec(address, resource);
            if address.kind == Kind::LoadBalancer {
                self.attached.extend(self.attached_to(address, recorded));
            }
            for field in &mut fields {
                self.mark_unknown(field);
            }
        }
        draft.before = Some(recorded.spec.clone());
        draft.after = Some(after);
        draft.fields = fields;
        draft.secrets = self.secrets(address, resource, Some(recorded));
        draft.resource = Some(resource);
        draft.recorded = Some(recorded);
        self.out.drafts.push(draft);
    }

    /// Makes what is not there, or no longer.
    fn create(&mut self, address: &Address, resource: &'a Resource, gone: Option<&'a Recorded>) {
        let (after, generation) = self.new_spec(address, resource);
        let mut draft = Draft::new(address.clone(), Action::Create);
        draft.after = Some(after);
        draft.generation = generation;
        draft.secrets = self.secrets(address, resource, None);
        draft.resource = Some(resource);
        draft.lost = gone;
        self.out.drafts.push(draft);
    }

    /// Takes up what exists and nobody recorded.
    fn import(&mut self, address: &'a Address, resource: &'a Resource, object: &'a LiveObject) {
        let entry = Recorded::of(object);
        let mut after = self.spec_text(address, resource);
        if address.kind == Kind::TargetGroup {
            after = self.keep_name(address, resource, &entry);
        }
        let verdict = self.compare(address, resource, after.as_str(), &entry, Live::Found(object));
        let mut draft = Draft::new(address.clone(), Action::Import);
        draft.import = Some(object.outputs.clone());
        draft.before = Some(object.spec.clone());
        draft.resource = Some(resource);
        draft.secrets = self.secrets(address, resource, None);
        draft.after = Some(after);
        if let Verdict::Differs { fields, .. } = verdict {
            if fields.iter().any(|field| field.forces_replacement) {
                draft.action = Action::Replace;
                draft.depose = Some(self.depose_key(&address.local()));
                let (after, generation) = self.new_spec(address, resource);
                draft.after = Some(after);
                draft.generation = generation;
            }
            draft.fields = fields;
        }
        self.out.drafts.push(draft);
    }

    /// What is recorded and no longer asked for.
    fn unwanted(&mut self, address: Address, recorded: &'a Recorded) {
        let gone = matches!(self.cx.live(&address), Live::Gone);
        if gone {
            self.gone(&address, recorded);
        }
        let spared = self.cx.options.spare.contains_key(&address);
        let action = if gone || spared { Action::Forget } else { Action::Delete };
        let mut draft = Draft::new(address, action);
        draft.before = Some(recorded.spec.clone());
        draft.generation = recorded.generation;
        draft.recorded = Some(recorded);
        self.out.drafts.push(draft);
    }

    /// Notes that somebody deleted the object.
    fn gone(&mut self, address: &Address, recorded: &'a Recorded) {
        self.out.drift.push(Drift {
            address: address.clone(),
            gone: true,
            fields: Vec::new(),
            applied: Some(recorded.spec.clone()),
            live: None,
        });
        self.exchange(address, recorded);
    }

    /// Objects that an earlier plan set aside and did not come to delete.
    fn deposed(&mut self) {
        let deposed = self.recorded.into_iter().flat_map(|stack| &stack.deposed);
        for (key, object) in deposed {
            let Some(address) = local_address(self.name, &object.address) else { continue };
            let deposed = self.cx.options.live.and_then(|live| live.deposed.get(self.name));
            let gone = deposed.and_then(|deposed| deposed.get(key)) == Some(&false);
            let action = if gone { Action::Forget } else { Action::Delete };
            let mut draft = Draft::new(address, action);
            draft.deposed = Some(key.clone());
            draft.before = Some(object.object.spec.clone());
            draft.recorded = Some(&object.object);
            self.out.drafts.push(draft);
        }
    }

    /// From now on references lead to another object.
    fn exchange(&mut self, address: &Address, recorded: &Recorded) {
        self.cx.identities.exchange(address.clone());
        if let Some(literals) = &mut self.literals {
            for (_, value) in recorded.outputs.iter() {
                literals.remove(value);
            }
        }
    }

    /// A free key to set an object aside under.
    fn depose_key(&mut self, local: &str) -> String {
        let used = self.recorded.map(|stack| &stack.deposed);
        let free = |key: &String| {
            !self.keys.contains(key) && used.is_none_or(|used| !used.contains_key(key))
        };
        let key = (1..).map(|n| format!("{local}#{n}")).find(free).unwrap_or_default();
        self.keys.insert(key.clone());
        key
    }
}
