#pragma once
// What all commands share: the global options, and where talk goes. Data goes to stdout, talk to
// stderr.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace bsim {

struct GlobalOptions {
    bool quiet = false;
    int verbose = 0;
    bool json = false;
    std::string color = "auto";         // auto, always, never
    std::string progress = "auto";      // auto, never
    std::string program = "brokersim";  // as it was called, for commands to try next

    // On stderr; auto honours NO_COLOR, TERM=dumb and whether it is a terminal.
    bool use_color() const;
    bool show_progress() const;
};

// The text as one word of a shell's command line: quoted if it has to be.
std::string shell_word(std::string_view text);

// A line of talk on stderr.
void say(std::string_view line);
// Data on stdout, as it is.
void print(std::string_view data);
// The same of JSON, in one line; what is no UTF-8 in it is replaced.
void print_json(const nlohmann::ordered_json& json);

// "42", "0x2a", or a commit id of 40 hex digits; below 2^53. nullopt if it is none of these.
std::optional<std::uint64_t> parse_seed(std::string_view text);

}  // namespace bsim
