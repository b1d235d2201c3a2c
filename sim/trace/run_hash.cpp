#include "sim/trace/run_hash.h"

#define XXH_INLINE_ALL
#include <cstdint>
#include <xxhash.h>

#include "sim/base/check.h"

namespace bsim {

namespace {

std::string to_hex(XXH128_hash_t digest) {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (const std::uint64_t half : {digest.high64, digest.low64}) {
        for (int shift = 60; shift >= 0; shift -= 4) {
            text += kDigits[(half >> static_cast<unsigned>(shift)) & 15U];
        }
    }
    return text;
}

}  // namespace

struct RunHash::State {
    XXH3_state_t xxh;
};

RunHash::RunHash() : state_(std::make_unique<State>()) {
    BSIM_CHECK(XXH3_128bits_reset(&state_->xxh) == XXH_OK);
}
RunHash::~RunHash() = default;
RunHash::RunHash(RunHash&&) noexcept = default;
RunHash& RunHash::operator=(RunHash&&) noexcept = default;

void RunHash::update(std::string_view bytes) {
    BSIM_CHECK(XXH3_128bits_update(&state_->xxh, bytes.data(), bytes.size()) == XXH_OK);
}

std::string RunHash::hex() const {
    return to_hex(XXH3_128bits_digest(&state_->xxh));
}

std::string xxh3_128_hex(std::string_view bytes) {
    return to_hex(XXH3_128bits(bytes.data(), bytes.size()));
}

std::uint64_t xxh3_64(std::string_view bytes) {
    return XXH3_64bits(bytes.data(), bytes.size());
}

}  // namespace bsim
