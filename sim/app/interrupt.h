#pragma once
// Ctrl-C: the first SIGINT (or SIGTERM) asks what runs to stop and leave its files whole.

namespace bsim {

// From now on. Before it, a signal ends the program at once.
void catch_interrupts();
bool interrupted();

}  // namespace bsim
