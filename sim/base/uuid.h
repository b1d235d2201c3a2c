#pragma once
// Kafka's Uuid: 128 bits, printed as 22 characters of URL-safe base64 without padding.
// The zero uuid means "none". Source: org.apache.kafka.common.Uuid.

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bsim {

struct Uuid {
    std::uint64_t high = 0;
    std::uint64_t low = 0;

    auto operator<=>(const Uuid&) const = default;
    bool is_zero() const { return high == 0 && low == 0; }

    std::string to_string() const;
    static std::optional<Uuid> parse(std::string_view text);
    // Sets version 4 and variant bits on 128 drawn bits, as java.util.UUID.randomUUID does.
    static Uuid from_random(std::uint64_t high, std::uint64_t low);
};

}  // namespace bsim
