// libFuzzer: whatever the bytes, a scenario is read or at least one place of it is named.
#include "tests/fuzz/judge.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    bsim::fuzz::judge_scenario({reinterpret_cast<const char*>(data), size});
    return 0;
}
