#include "sim/metrics/metric.h"

#include <charconv>

#include "sim/base/check.h"

namespace bsim::metrics {

void append_decimal(std::string& out, Decimal value) {
    BSIM_CHECK(value.decimals >= 0 && value.decimals < 19);
    // The magnitude of the lowest 64-bit integer has no signed form.
    const bool negative = value.amount < 0;
    const auto bits = static_cast<std::uint64_t>(value.amount);
    char digits[20];
    const auto [end, error] =
        std::to_chars(digits, digits + sizeof digits, negative ? 0 - bits : bits);
    static_cast<void>(error);  // 20 characters hold every 64-bit integer
    const std::string_view text(digits, static_cast<std::size_t>(end - digits));
    const auto decimals = static_cast<std::size_t>(value.decimals);
    const std::size_t whole = text.size() > decimals ? text.size() - decimals : 0;

    if (negative)
        out += '-';
    out += whole == 0 ? std::string_view("0") : text.substr(0, whole);
    const std::string_view fraction = text.substr(whole);
    const std::size_t last = fraction.find_last_not_of('0');
    if (last == std::string_view::npos)
        return;
    out += '.';
    out.append(decimals - fraction.size(), '0');
    out += fraction.substr(0, last + 1);
}

}  // namespace bsim::metrics
