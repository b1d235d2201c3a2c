#pragma once
// manifest.json: what made the run directory, so that it can be made again. Holds no path and no
// time: it is the same wherever and whenever the run happened. Codec libraries are named because
// compressed bytes, and with them the run hash, depend on their versions.

#include <cstdint>
#include <map>
#include <string>

namespace bsim {

struct Manifest {
    std::string program_version;  // of brokersim
    std::string kafka_version;    // whose behaviour is simulated
    std::string scenario;         // its name
    std::string title;            // may be empty
    std::string scenario_hash;    // XXH3-128 of the file's bytes, 32 hex digits
    std::uint64_t seed = 0;
    std::map<std::string, std::string> overrides;  // --set: JSON pointer to value
    std::map<std::string, std::string> libraries;  // name to version, of those that shape bytes
};

// The text of manifest.json, line feed at the end.
std::string manifest_json(const Manifest& manifest);

}  // namespace bsim
