#include "sim/base/uuid.h"

namespace bsim {
namespace {

constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

}  // namespace

std::string Uuid::to_string() const {
    // 128 bits are 21 digits of six bits and one of two, padded below with four zero bits.
    std::string text(22, 'A');
    std::uint64_t hi = high;
    std::uint64_t lo = low;
    text[21] = kDigits[(lo & 3U) << 4U];
    lo = (lo >> 2U) | (hi << 62U);
    hi >>= 2U;
    for (std::size_t i = 21; i-- > 0;) {
        text[i] = kDigits[lo & 63U];
        lo = (lo >> 6U) | (hi << 58U);
        hi >>= 6U;
    }
    return text;
}

std::optional<Uuid> Uuid::parse(std::string_view text) {
    // Java's decoder takes the padding too, though Kafka never writes it.
    if (text.size() == 24 && text.ends_with("=="))
        text.remove_suffix(2);
    if (text.size() != 22)
        return std::nullopt;
    Uuid id;
    for (std::size_t i = 0; i < 22; ++i) {
        const std::size_t digit = kDigits.find(text[i]);
        if (digit == std::string_view::npos)
            return std::nullopt;
        const unsigned bits = i == 21 ? 2 : 6;
        const std::uint64_t value = i == 21 ? digit >> 4U : digit;
        id.high = (id.high << bits) | (id.low >> (64U - bits));
        id.low = (id.low << bits) | value;
    }
    return id;
}

Uuid Uuid::from_random(std::uint64_t high, std::uint64_t low) {
    return Uuid{(high & ~0xf000ULL) | 0x4000U, (low & ~(0xc0ULL << 56U)) | (0x80ULL << 56U)};
}

}  // namespace bsim
