// What waking needs of the process.
#pragma once

namespace polite {

// From here on a fork is noticed (platform::process_mark). False if it cannot be.
bool remember_process();

// Keeps the module that holds our code from being unloaded: the kernel knows the handler's address, and libc what a thread's end calls.
void stay_loaded();

// Has the process ready for waking: at the start, and again in a fork's child..
void ready_to_wake();

}  // namespace polite
