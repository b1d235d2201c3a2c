#pragma once
// Decimal quantities with a unit, read exactly: "1.5h" is 5,400,000,000,000 ns.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/ratio.h"
#include "sim/base/result.h"
#include "sim/base/time.h"
#include "sim/scenario/scenario.h"

namespace bsim {

// 292 Julian years: the first duration that is refused.
inline constexpr std::int64_t kDurationEndNs = std::int64_t{106'653} * 24 * 3600 * 1'000'000'000;

struct QuantityError {
    enum class Kind : std::uint8_t { Malformed, OutOfRange };
    Kind kind = Kind::Malformed;
    std::string message;     // what is wrong, as a sentence
    std::string suggestion;  // a legal text that is likely meant; may be empty
};

// 0 <= duration < 292 years, whole nanoseconds. Whether zero will do is the caller's business.
Result<SimDuration, QuantityError> parse_duration(std::string_view text);
// Whole bytes, at most 2^63-1.
Result<std::int64_t, QuantityError> parse_size(std::string_view text);
// Records per second or minute, more than 0, at most 10^9 per second. "max" is not for this.
Result<RecordRate, QuantityError> parse_record_rate(std::string_view text);

// What so many bits a second are in records of so many bytes. Errors: more than 10^9 records per
// second; a fraction that 63 bits do not hold. Requires bits_per_second > 0.
Result<RecordRate, QuantityError> records_at(std::int64_t bits_per_second,
                                             std::int64_t record_bytes);

// A duration with or without a minus before it.
Result<SimDuration, QuantityError> parse_signed_duration(std::string_view text);
// Whole bits per second, more than 0: "10Mbit/s", "1.5MB/s" (8 bits a byte).
Result<std::int64_t, QuantityError> parse_bit_rate(std::string_view text);
// "20ppm", "-3.5ppm"; less than a million either way.
Result<Ratio, QuantityError> parse_drift(std::string_view text);

// A rate in bits or bytes, such as "10MB/s".
bool is_bit_rate(std::string_view text);

// The units of each kind of quantity.
enum class QuantityKind : std::uint8_t { Duration, Size, BitRate, RecordRate };
std::vector<std::string_view> units_of(QuantityKind kind);

inline constexpr std::string_view kDurationForm =
    "a number and a unit of ns, us, ms, s, m, h, d, such as \"30s\" or \"1.5h\"";
inline constexpr std::string_view kSizeForm =
    "a number and a unit of B, kB, MB, GB, KiB, MiB, GiB, TiB, such as \"256B\"";
inline constexpr std::string_view kBitRateForm =
    "a number and a unit of bit/s, kbit/s, Mbit/s, Gbit/s, B/s, kB/s, MB/s, GB/s, KiB/s, MiB/s, "
    "GiB/s, such as \"100Mbit/s\"";
inline constexpr std::string_view kDriftForm =
    "parts per million, less than 1000000 either way, such as \"20ppm\" or \"-3.5ppm\"";
inline constexpr std::string_view kRateForm =
    "records per time, such as \"500/s\", bytes of values per time, such as \"1MB/s\", or \"max\"";

}  // namespace bsim
