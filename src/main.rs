//! The `ingc` program.

fn main() -> std::process::ExitCode {
    ingc::main()
}
