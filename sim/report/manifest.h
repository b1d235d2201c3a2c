#pragma once
// manifest.json: what made the run directory, so that it can be made again (`brokersim replay`).
// Holds no path and no time: it is the same wherever and whenever the run happened. The scenario
// stands beside it, byte for byte as it was read. Codec libraries are named because compressed
// bytes, and with them the run hash, depend on their versions. Of each node it holds what the
// scenario gave it and neither events nor the node's files tell.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/result.h"
#include "sim/base/time.h"
#include "sim/model/config_def.h"

namespace bsim {

struct ManifestNode {
    bool broker = false;
    bool voter = false;  // of the metadata quorum
    std::optional<std::string> rack;
    ConfigMap settings;  // as the scenario has them: what would stand in server.properties

    bool operator==(const ManifestNode&) const = default;
};

// What a scenario was read from.
struct ScenarioSource {
    std::string text;
    bool comments = false;               // a .jsonc file: it may have comments
    std::vector<std::string> overrides;  // --set, PTR=VALUE, in order

    // "scenario.json" or "scenario.jsonc".
    std::string_view stored_name() const;
    // XXH3-128 of the text, 32 hex digits.
    std::string hash() const;
};

struct Manifest {
    std::string program_version;  // of brokersim
    std::string kafka_version;    // whose behaviour is simulated
    std::string scenario;         // its name
    std::string title;            // may be empty
    ScenarioSource source;
    std::uint64_t seed = 0;
    SimTime end;  // of the run, if nothing cuts it short
    bool strict = false;
    std::map<std::string, std::string> libraries;  // name to version, of those that shape bytes
    std::map<std::string, ManifestNode> nodes;     // by name: "broker-1"
};

// The text of manifest.json, line feed at the end.
std::string manifest_json(const Manifest& manifest);

// What a manifest says about how to run again.
struct ReplayOrder {
    std::string program_version;
    std::string scenario_file;  // beside the manifest
    std::string scenario_hash;
    std::vector<std::string> overrides;
    std::uint64_t seed = 0;
    SimTime end;
    bool strict = false;
};
// From the text of a manifest.json; else what is wrong with it.
Result<ReplayOrder, std::string> read_manifest(std::string_view text);

// The nodes of a manifest's text; none if it is no manifest, or one without them.
std::map<std::string, ManifestNode> manifest_nodes(std::string_view text);

}  // namespace bsim
