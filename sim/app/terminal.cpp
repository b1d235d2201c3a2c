#include "sim/app/terminal.h"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "sim/base/stable_hash.h"

namespace bsim {
namespace {

constexpr std::uint64_t kSeedEnd = 1ULL << 53U;
constexpr std::size_t kCommitDigits = 40;

bool on_terminal() {
    const char* term = std::getenv("TERM");
    return isatty(STDERR_FILENO) == 1 && (term == nullptr || std::string_view(term) != "dumb");
}

bool all_hex(std::string_view text) {
    return text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

}  // namespace

bool GlobalOptions::use_color() const {
    if (color == "always")
        return true;
    if (color == "never" || std::getenv("NO_COLOR") != nullptr)
        return false;
    return on_terminal();
}

bool GlobalOptions::show_progress() const {
    return progress == "auto" && !quiet && !json && on_terminal();
}

std::string shell_word(std::string_view text) {
    constexpr std::string_view kPlain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=,+@%";
    if (!text.empty() && text.find_first_not_of(kPlain) == std::string_view::npos)
        return std::string(text);
    std::string quoted = "'";
    for (const char c : text) {
        if (c == '\'')
            quoted += "'\\'";  // end the quotes, a quote of its own, begin again
        quoted += c;
    }
    return quoted + '\'';
}

void say(std::string_view line) {
    std::fwrite(line.data(), 1, line.size(), stderr);
    std::fputc('\n', stderr);
}

void print(std::string_view data) {
    std::fwrite(data.data(), 1, data.size(), stdout);
}

void print_json(const nlohmann::ordered_json& json) {
    print(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + '\n');
}

std::optional<std::uint64_t> parse_seed(std::string_view text) {
    // A commit id is spread over the seeds, so that a neighbour of it is no neighbour as a seed.
    if (text.size() == kCommitDigits && all_hex(text))
        return mix64(fnv1a(text)) % kSeedEnd;
    int base = 10;
    if (text.starts_with("0x") || text.starts_with("0X")) {
        base = 16;
        text.remove_prefix(2);
    }
    std::uint64_t seed = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed, base);
    if (error != std::errc{} || end != text.data() + text.size() || seed >= kSeedEnd) {
        return std::nullopt;
    }
    return seed;
}

}  // namespace bsim
