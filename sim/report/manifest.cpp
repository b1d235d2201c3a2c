#include "sim/report/manifest.h"

#include <nlohmann/json.hpp>

namespace bsim {

std::string manifest_json(const Manifest& manifest) {
    nlohmann::ordered_json json;
    json["brokersim"] = 1;
    json["version"] = manifest.program_version;
    json["kafka"] = manifest.kafka_version;
    json["scenario"] = manifest.scenario;
    json["title"] = manifest.title;
    json["scenario_hash"] = manifest.scenario_hash;
    json["seed"] = manifest.seed;
    json["overrides"] = nlohmann::ordered_json(manifest.overrides);
    json["formats"] = {{"trace", 1}, {"results", 1}, {"history", 1}, {"scenario", 1}};
    json["libraries"] = nlohmann::ordered_json(manifest.libraries);
    return json.dump(1) + '\n';
}

}  // namespace bsim
