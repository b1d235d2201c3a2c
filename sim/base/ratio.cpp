#include "sim/base/ratio.h"

#include <algorithm>
#include <limits>

namespace bsim {
namespace {

struct Scan {
    std::string_view rest;
    bool take(char c) {
        if (rest.empty() || rest.front() != c)
            return false;
        rest.remove_prefix(1);
        return true;
    }
    std::optional<int> take_digit() {
        if (rest.empty() || rest.front() < '0' || rest.front() > '9')
            return std::nullopt;
        const int digit = rest.front() - '0';
        rest.remove_prefix(1);
        return digit;
    }
};

constexpr int kMaxDecimals = 18;

}  // namespace

std::optional<Ratio> Ratio::parse(std::string_view decimal) {
    Scan in{decimal};
    std::int64_t digits = 0;
    int count = 0;
    int exponent = 0;
    bool any = false;
    auto take_digits = [&](int step) {
        while (const auto d = in.take_digit()) {
            any = true;
            if (digits == 0 && *d == 0) {
                exponent -= step;
                continue;
            }
            if (++count > kMaxDecimals)
                return false;
            digits = digits * 10 + *d;
            exponent -= step;
        }
        return true;
    };
    if (!take_digits(0))
        return std::nullopt;
    if (in.take('.') && !take_digits(1))
        return std::nullopt;
    if (!any)
        return std::nullopt;
    if (in.take('e') || in.take('E')) {
        const bool negative = in.take('-');
        if (!negative)
            in.take('+');
        int value = 0;
        bool seen = false;
        while (const auto d = in.take_digit()) {
            seen = true;
            value = value < 1000 ? value * 10 + *d : value;
        }
        if (!seen)
            return std::nullopt;
        exponent += negative ? -value : value;
    }
    if (!in.rest.empty())
        return std::nullopt;
    if (digits == 0)
        return Ratio{0, 1};
    while (exponent < 0 && digits % 10 == 0) {
        digits /= 10;
        ++exponent;
    }
    if (exponent < -kMaxDecimals || exponent > kMaxDecimals - count)
        return std::nullopt;
    Ratio ratio{digits, 1};
    for (; exponent < 0; ++exponent)
        ratio.denominator *= 10;
    for (; exponent > 0; --exponent)
        ratio.numerator *= 10;
    return ratio;
}

SimDuration scaled(SimDuration time, Ratio by) {
    constexpr auto kMost = static_cast<__int128>(std::numeric_limits<std::int64_t>::max() / 4);
    const auto wide = static_cast<__int128>(time.ns()) * by.numerator / by.denominator;
    return SimDuration(static_cast<std::int64_t>(std::min(wide, kMost)));
}

}  // namespace bsim
