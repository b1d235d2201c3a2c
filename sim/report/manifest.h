#pragma once
// manifest.json: what made the run directory, so that it can be made again. Holds no path and no
// time: it is the same wherever and whenever the run happened. Codec libraries are named because
// compressed bytes, and with them the run hash, depend on their versions. Of each node it holds
// what the scenario gave it and neither events nor the node's files tell.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "sim/model/config_def.h"

namespace bsim {

struct ManifestNode {
    bool broker = false;
    bool voter = false;  // of the metadata quorum
    std::optional<std::string> rack;
    ConfigMap settings;  // as the scenario has them: what would stand in server.properties

    bool operator==(const ManifestNode&) const = default;
};

struct Manifest {
    std::string program_version;  // of brokersim
    std::string kafka_version;    // whose behaviour is simulated
    std::string scenario;         // its name
    std::string title;            // may be empty
    std::string scenario_hash;    // XXH3-128 of the file's bytes, 32 hex digits
    std::uint64_t seed = 0;
    std::map<std::string, std::string> overrides;  // --set: JSON pointer to value
    std::map<std::string, std::string> libraries;  // name to version, of those that shape bytes
    std::map<std::string, ManifestNode> nodes;     // by name: "broker-1"
};

// The text of manifest.json, line feed at the end.
std::string manifest_json(const Manifest& manifest);

// The nodes of a manifest's text; none if it is no manifest, or one without them.
std::map<std::string, ManifestNode> manifest_nodes(std::string_view text);

}  // namespace bsim
