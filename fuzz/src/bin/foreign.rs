#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| envctl_fuzz::foreign(bytes));
