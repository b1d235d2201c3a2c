#include "sim/kernel/rng.h"

#include <boost/random/mersenne_twister.hpp>

#include "sim/base/check.h"
#include "sim/base/stable_hash.h"

namespace bsim {

struct RngStream::Engine {
    boost::random::mt19937_64 state;
};

RngStream::RngStream(std::uint64_t seed)
    : engine_(std::make_unique<Engine>(Engine{boost::random::mt19937_64(seed)})) {}
RngStream::RngStream(RngStream&&) noexcept = default;
RngStream& RngStream::operator=(RngStream&&) noexcept = default;
RngStream::~RngStream() = default;

void RngStream::draw_ahead() {
    for (std::uint64_t& word : ahead_)
        word = engine_->state();
    next_ = 0;
}

std::uint64_t RngStream::below(std::uint64_t bound) {
    BSIM_CHECK(bound > 0);
    const std::uint64_t unfair = (0 - bound) % bound;
    for (;;) {
        const auto wide = static_cast<unsigned __int128>(bits()) * bound;
        if (static_cast<std::uint64_t>(wide) >= unfair) {
            return static_cast<std::uint64_t>(wide >> 64U);
        }
    }
}

std::int64_t RngStream::between(std::int64_t low, std::int64_t high) {
    BSIM_CHECK(low <= high);
    const std::uint64_t span = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
    const std::uint64_t offset = span + 1 == 0 ? bits() : below(span + 1);
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + offset);
}

bool RngStream::chance(Ratio probability) {
    BSIM_CHECK(probability.denominator > 0);
    const auto drawn = below(static_cast<std::uint64_t>(probability.denominator));
    return static_cast<std::int64_t>(drawn) < probability.numerator;
}

Uuid RngStream::uuid() {
    const std::uint64_t high = bits();
    return Uuid::from_random(high, bits());
}

Rng::Rng(std::uint64_t seed, std::uint64_t run) : root_(mix64(mix64(seed) ^ run)) {}

RngStream Rng::stream(std::string_view name) const {
    return RngStream(mix64(fnv1a(name) ^ mix64(root_)));
}

}  // namespace bsim
