#pragma once
// What the benchmarks that run PHOLD share: what is drawn, and the hash over what happened.

#include <array>
#include <cstdint>
#include <optional>

namespace bsim::bench {

inline constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15;

// splitmix64
class Draws {
  public:
    std::uint64_t next() {
        std::uint64_t z = state_ += kGolden;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

  private:
    std::uint64_t state_ = 42;
};

// Depends on the order in which events ran, as FNV-1a does on that of bytes.
class OrderHash {
  public:
    void fold(std::int64_t now_ns, std::uint64_t node, std::uint64_t what) {
        hash_ = (hash_ ^ (static_cast<std::uint64_t>(now_ns) + node * kGolden + what)) * kFnvPrime;
    }
    std::uint64_t value() const { return hash_; }

  private:
    static constexpr std::uint64_t kFnvPrime = 0x100000001b3;

    std::uint64_t hash_ = 0xcbf29ce484222325;
};

// Delays of PHOLD in ns: 0.5 ms and an exponential part of 0.5 ms on average, at 4,096 quantiles.
std::array<std::int64_t, 4096> phold_delays();

// The command line of the PHOLD programs: LABEL NODES PER_NODE TIMERS EVENTS.
struct PholdArguments {
    const char* label;
    std::uint64_t nodes;
    std::uint64_t per_node;
    std::uint64_t timers;
    std::uint64_t events;
};
std::optional<PholdArguments> phold_arguments(int argc, char** argv);

// What they print: "label,nodes,per_node,timers,delivered,fired,cpu_seconds,hash".
struct PholdFigures {
    std::uint64_t delivered;
    std::uint64_t fired;
    double cpu_seconds;
    std::uint64_t hash;
};
void print(const PholdArguments& arguments, const PholdFigures& figures);

// A whole number; nullopt for anything else.
std::optional<std::uint64_t> parse_number(const char* text);

}  // namespace bsim::bench
