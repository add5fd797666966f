//! Recorded stacks as what shall be again: the way back is planned like any other.

use crate::desired::Desired;
use crate::state::{Recorded, RecordedOrigin, Secrets, StackState, local_address};
use ingc_compiler::graph::{Member, NameSeed, Origin, Resource, SecretValue, Stack};
use ingc_compiler::group::Place;
use ingc_compiler::resource::{Address, Spec};
use ingc_compiler::source::{FileId, Sources, Span};
use ingc_compiler::{Compilation, Seen};
use std::collections::{BTreeMap, BTreeSet};

/// Stacks as they were recorded once, in the form in which manifests compile.
#[derive(Debug, Default)]
pub struct Recalled {
    compilation: Compilation,
    sources: Sources,
    /// All stacks in question, those that were not there then included.
    stacks: BTreeSet<String>,
}

/// Why a recorded stack cannot be recalled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecallError {
    /// A secret that it used is not at hand.
    #[error(
        "`{address}` used key `{key}` of Secret `{secret}`, whose value of then is not at hand"
    )]
    Secret {
        /// The resource.
        address: Address,
        /// `namespace/name` of the Secret.
        secret: String,
        /// The key within it.
        key: String,
    },
    /// What is recorded is no spec.
    #[error("what is recorded of `{entry}` cannot be read: {message}")]
    Malformed {
        /// The entry, as `stack/type/id`.
        entry: String,
        /// Why.
        message: String,
    },
}

impl Recalled {
    /// Of stacks as they were then; none for one that was not there. Secrets are known by their
    /// hashes, and so their values must be given again.
    ///
    /// # Errors
    /// All that keeps the stacks from being recalled.
    pub fn new(
        stacks: &BTreeMap<String, Option<StackState>>,
        secrets: &Secrets,
    ) -> Result<Recalled, Vec<RecallError>> {
        let mut recalled = Recalled::default();
        let mut errors = Vec::new();
        let mut texts = Texts::default();
        for (name, recorded) in stacks {
            recalled.stacks.insert(name.clone());
            let Some(recorded) = recorded else { continue };
            let resources = recorded.resources.iter();
            let origins = resources.flat_map(|(_, entry)| entry.origins.read());
            origins.for_each(|origin| texts.note(&origin));
        }
        texts.lay_out(&mut recalled.sources);
        for (name, recorded) in stacks {
            let Some(recorded) = recorded else { continue };
            let mut stack =
                Stack { id: name.as_str().into(), members: members(recorded), ..Stack::default() };
            for (local, entry) in &recorded.resources {
                match resource(name, local, entry, secrets, &texts) {
                    Ok((address, resource)) => drop(stack.resources.insert(address, resource)),
                    Err(error) => errors.push(error),
                }
            }
            for member in &stack.members {
                let place = Place::Member(name.clone());
                let seen = Seen { place, held_by: Vec::new(), served_as: None, names: Vec::new() };
                recalled.compilation.ingresses.insert(member.ingress.clone(), seen);
            }
            recalled.compilation.stacks.insert(name.clone(), stack);
        }
        // Whatever else manifests say now, it is not what is asked for.
        recalled.compilation.ingresses_seen = 1;
        if errors.is_empty() { Ok(recalled) } else { Err(errors) }
    }

    /// What shall be again.
    pub fn desired<'a>(&'a self, cluster: &'a str, region: &'a str) -> Desired<'a> {
        Desired {
            cluster,
            region,
            compilation: &self.compilation,
            sources: &self.sources,
            recalled: Some(&self.stacks),
        }
    }
}

fn members(recorded: &StackState) -> Vec<Member> {
    let members = recorded.members.iter();
    members
        .map(|(ingress, member)| Member {
            ingress: ingress.clone(),
            position: member.position.clone(),
            hosts: member.hosts.clone(),
        })
        .collect()
}

fn resource(
    stack: &str,
    local: &str,
    entry: &Recorded,
    secrets: &Secrets,
    texts: &Texts,
) -> Result<(Address, Resource), RecallError> {
    let malformed =
        |message: String| RecallError::Malformed { entry: format!("{stack}/{local}"), message };
    let address =
        local_address(stack, local).ok_or_else(|| malformed("it is not TYPE/ID".to_owned()))?;
    let spec = Spec::read(address.kind, entry.spec.as_str())
        .map_err(|error| malformed(error.to_string()))?;
    let mut resource = Resource::new(spec);
    if let Spec::TargetGroup(group) = &resource.spec {
        // The recorded name is the one to have again; where it must exist twice, the planner makes
        // others of it as of any name.
        let prefix = group.name.len().saturating_sub(10);
        resource.name_seed = Some(NameSeed {
            prefix: group.name.get(..prefix).unwrap_or_default().to_owned(),
            hashed: group.name.clone(),
        });
    }
    for (pointer, hash) in &entry.secrets {
        let value = secrets.reveal(hash).map_err(|_| RecallError::Secret {
            address: address.clone(),
            secret: hash.secret.clone(),
            key: hash.key.clone(),
        })?;
        resource.secrets.push(SecretValue {
            pointer: pointer.clone(),
            secret: hash.secret.clone(),
            key: hash.key.clone(),
            value: value.to_owned(),
        });
    }
    resource.origins = entry.origins.read().iter().map(|origin| texts.origin(origin)).collect();
    Ok((address, resource))
}

/// The recorded places of origins. The texts of then are not at hand, and so blank ones stand for
/// them, in which every place has the line and the column that it had.
#[derive(Default)]
struct Texts {
    /// For every file the last column that is asked for, by line.
    columns: BTreeMap<String, BTreeMap<u32, u32>>,
    /// For every file its id and the starts of the lines that are asked for.
    files: BTreeMap<String, (FileId, BTreeMap<u32, u32>)>,
}

/// Beyond this nobody has written a manifest: such a number was made by hand, and its place counts
/// as the file's start.
const MOST: u32 = 1 << 20;

impl Texts {
    fn note(&mut self, origin: &RecordedOrigin) {
        let place = &origin.position;
        let lines = self.columns.entry(place.file.to_string()).or_default();
        if place.line <= MOST && place.column <= MOST {
            let column = lines.entry(place.line).or_default();
            *column = place.column.max(*column);
        }
    }

    fn lay_out(&mut self, sources: &mut Sources) {
        for (name, lines) in &self.columns {
            let mut text = String::new();
            let mut starts = BTreeMap::new();
            let mut line = 1;
            for (&wanted, &column) in lines {
                while line < wanted {
                    text.push('\n');
                    line += 1;
                }
                starts.insert(wanted, text.len() as u32);
                text.extend(std::iter::repeat_n(' ', column as usize));
            }
            let file = sources.add(name.clone(), text);
            self.files.insert(name.clone(), (file, starts));
        }
    }

    fn origin(&self, origin: &RecordedOrigin) -> Origin {
        let place = &origin.position;
        let known = self.files.get(place.file.as_str());
        let at = known.map_or(0, |(_, starts)| {
            starts.get(&place.line).map_or(0, |start| start + place.column.saturating_sub(1))
        });
        let file = known.map_or(FileId(0), |(file, _)| *file);
        Origin {
            field: origin.field.clone().into(),
            object: origin.object.clone().into(),
            source: origin.source.clone().into(),
            span: Span { file, lo: at, hi: at },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::{Origins, SecretHash, SpecText};
    use ingc_compiler::source::Position;
    use serde_json::json;

    fn state(entries: serde_json::Value) -> StackState {
        serde_json::from_value(json!({"resources": entries})).unwrap()
    }

    #[test]
    fn places_of_then_are_told_as_they_were() {
        let position = |file: &str, line, column| Position { file: file.into(), line, column };
        let places = [
            position("a.yaml", 7, 3),
            position("a.yaml", 7, 40),
            position("a.yaml", 2, 1),
            position("b.yaml", 1, 1),
        ];
        let origins =
            Origins::new(places.iter().map(|at| ("", "Ingress/shop/web", "scheme", at.clone())));
        let mut recorded = state(
            json!({"AWS::EC2::SecurityGroup/x": {"spec": {"groupName": "x", "description": "", "ingress": []}}}),
        );
        recorded.resources.values_mut().for_each(|entry| entry.origins = origins.clone());
        let stacks = BTreeMap::from([("shop/web".to_owned(), Some(recorded))]);
        let recalled = Recalled::new(&stacks, &Secrets::new()).unwrap();
        let desired = recalled.desired("prod", "eu-west-1");
        let resource = desired.compilation.stacks["shop/web"].resources.values().next().unwrap();
        let told: Vec<Position> =
            resource.origins.iter().map(|o| desired.sources.position(o.span)).collect();
        assert_eq!(told, places);
    }

    #[test]
    fn secrets_of_then_must_be_given_again() {
        let spec =
            SpecText::new(r#"{"actions":[],"conditions":[],"listenerARN":"arn","priority":1}"#);
        let mut recorded =
            state(json!({"AWS::ElasticLoadBalancingV2::ListenerRule/80:1": {"spec": {}}}));
        for entry in recorded.resources.values_mut() {
            entry.spec = spec.clone();
            let hash = SecretHash::new("shop/idp", "clientSecret", "salt", "then");
            entry.secrets.insert("/actions/0/clientSecret".to_owned(), hash);
        }
        let stacks = BTreeMap::from([("shop/web".to_owned(), Some(recorded))]);
        let mut secrets = Secrets::new();
        let errors = |secrets: &Secrets| Recalled::new(&stacks, secrets).err().unwrap().len();
        assert_eq!(errors(&secrets), 1);
        secrets.insert("shop/idp", "clientSecret", "now");
        assert_eq!(errors(&secrets), 1);
        secrets.insert("shop/idp", "clientSecret", "then");
        assert!(Recalled::new(&stacks, &secrets).is_ok());
    }
}
