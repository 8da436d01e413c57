//! The conformance suite that every adapter passes against an institution (real, pretended or an emulator).
