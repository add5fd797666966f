//! The `ingc` program.

/// Compiling ten thousand Ingresses makes millions of small texts: with the C library's allocator
/// these would take a third of the time, and with musl's most of it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    ingc::main()
}
