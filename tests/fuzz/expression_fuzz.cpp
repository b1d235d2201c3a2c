// libFuzzer: whatever the bytes, an expression or a selector is read or refused with a place in it.
#include "tests/fuzz/judge.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    bsim::fuzz::judge_expression({reinterpret_cast<const char*>(data), size});
    return 0;
}
