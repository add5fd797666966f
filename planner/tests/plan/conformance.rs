//! All recorded cases: planned, carried out, and planned again.

use crate::given::{Given, all, cases};
use crate::world::World;

#[test]
fn every_recorded_case_converges_and_can_be_destroyed() {
    let mut planned = 0;
    let mut folders: Vec<_> =
        std::fs::read_dir(cases()).unwrap().map(|e| e.unwrap().path()).collect();
    folders.sort();
    for folder in folders.into_iter().filter(|folder| folder.is_dir()) {
        let mut manifests = String::new();
        texts(&folder.join("manifests"), &mut manifests);
        let read = |name: &str| std::fs::read_to_string(folder.join(name)).ok();
        let values: Vec<String> = read("values.yaml").into_iter().collect();
        let given = Given::whatever(&manifests, &values, read("inventory.yaml"));
        if given.compilation.stacks.is_empty() {
            continue;
        }
        planned += 1;
        let mut world = World::new();
        world.state.cluster.clone_from(&given.settings.cluster_name);
        let first = given.plan(&world.state);
        world.apply(&first.plan);
        let again = given.plan(&world.state);
        assert_eq!(again.plan.steps, [], "{}", folder.display());
        let live = world.refresh();
        let options = ingc_planner::Options { live: Some(&live), ..all() };
        let refreshed = given.plan_with(&world.state, &options);
        assert_eq!(refreshed.plan.changes, [], "{}", folder.display());
        assert_eq!(refreshed.plan.drift, [], "{}", folder.display());
        let destroy =
            ingc_planner::Options { destroy: Some(ingc_planner::Destroy::Scope), ..all() };
        let end = given.plan_with(&world.state, &destroy);
        if end.diagnostics.has_errors() {
            continue;
        }
        world.apply(&end.plan);
        assert!(world.state.is_empty() && world.objects.is_empty(), "{}", folder.display());
    }
    assert!(planned > 150, "{planned}");
}

/// All texts of a folder, one after the other.
fn texts(folder: &std::path::Path, out: &mut String) {
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
