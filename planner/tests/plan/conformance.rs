//! All recorded cases: planned, carried out, and planned again.

use crate::given::{Given, all, cases};
use crate::world::World;
use ingc_planner::{Destroy, Options};
use std::path::{Path, PathBuf};

fn folders() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(cases()).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<_> = entries.filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

fn given(folder: &Path) -> Given {
    let mut manifests = String::new();
    texts(&folder.join("manifests"), &mut manifests);
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).ok();
    let values: Vec<String> = read("values.yaml").into_iter().collect();
    Given::whatever(&manifests, &values, read("inventory.yaml"))
}

#[test]
fn every_recorded_case_converges_and_can_be_destroyed() {
    let mut planned = 0;
    for folder in folders() {
        let given = given(&folder);
        if given.compilation.stacks.is_empty() {
            continue;
        }
        planned += 1;
        let mut world = World::new();
        world.state.cluster.clone_from(&given.settings.cluster_name);
        world.apply(&given.plan(&world.state).plan);
        let again = given.plan(&world.state);
        assert_eq!(again.plan.steps, [], "{}", folder.display());
        let live = world.refresh();
        let options = Options { live: Some(&live), ..all() };
        let refreshed = given.plan_with(&world.state, &options);
        assert_eq!(refreshed.plan.changes, [], "{}", folder.display());
        assert_eq!(refreshed.plan.drift, [], "{}", folder.display());
        let destroy = Options { destroy: Some(Destroy::Scope), ..all() };
        let end = given.plan_with(&world.state, &destroy);
        if end.diagnostics.has_errors() {
            continue;
        }
        world.apply(&end.plan);
        assert!(world.state.is_empty() && world.objects.is_empty(), "{}", folder.display());
    }
    assert!(planned > 150, "{planned}");
}

#[test]
fn one_recorded_case_becomes_the_next() {
    let mut world = World::new();
    for folder in folders() {
        let given = given(&folder);
        if given.compilation.ingresses_seen == 0 || given.settings.cluster_name != "eksworkshop" {
            continue;
        }
        let planned = given.plan(&world.state);
        if planned.diagnostics.has_errors() {
            // Deletion protection, mostly: the next case begins from nothing.
            world = World::new();
            continue;
        }
        world.apply(&planned.plan);
        assert_eq!(given.plan(&world.state).plan.steps, [], "{}", folder.display());
    }
}

/// All texts of a folder, one after the other.
fn texts(folder: &Path, out: &mut String) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut entries: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for entry in entries {
        if entry.is_dir() {
            texts(&entry, out);
        } else {
            *out += &std::fs::read_to_string(entry).unwrap();
            *out += "\n---\n";
        }
    }
}
