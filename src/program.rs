//! The build script: gives the program a name that changes with everything that decides what it makes
//! of manifests, so that no version trusts what another one has found out.

#![expect(clippy::print_stdout, reason = "the way in which a build script tells Cargo")]

use std::error::Error;
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};
use std::{env, fs};

/// Sources of what reads, compiles and plans, and the versions of what these are made of.
const DECISIVE: [&str; 4] = ["compiler/src", "planner/src", "src/input", "Cargo.lock"];

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let mut files = Vec::new();
    for place in DECISIVE {
        println!("cargo::rerun-if-changed={place}");
        collect(&root.join(place), &mut files)?;
    }
    files.sort();
    let mut hash = DefaultHasher::new();
    for file in files {
        hash.write(file.strip_prefix(&root)?.as_os_str().as_encoded_bytes());
        hash.write(&fs::read(&file)?);
    }
    println!(
        "cargo::rustc-env=INGC_PROGRAM={}-{:016x}",
        env::var("CARGO_PKG_VERSION")?,
        hash.finish()
    );
    Ok(())
}

fn collect(place: &Path, files: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    if place.is_file() {
        files.push(place.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(place)? {
        collect(&entry?.path(), files)?;
    }
    Ok(())
}
