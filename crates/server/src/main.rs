//! The one binary: `mott serve`, `worker`, `migrate`, `apply`, `check`, `openapi`, `admin`.

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    mott::command::main()
}
