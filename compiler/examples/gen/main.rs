//! Writes realistic manifests of any size, enough for `ingc plan FOLDER`:
//! `cargo run -p ingc-compiler --example gen -- 10000 FOLDER`.

mod fleet;

use std::path::Path;

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(count), Some(folder)) =
        (arguments.next().and_then(|n| n.parse::<usize>().ok()), arguments.next())
    else {
        eprintln!("usage: gen COUNT FOLDER");
        std::process::exit(1);
    };
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder)?;
    for (name, text) in fleet::files(count) {
        std::fs::write(folder.join(name), text)?;
    }
    Ok(())
}
