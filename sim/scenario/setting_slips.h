#pragma once
// What was likely meant by a name or a value that Kafka's settings do not have.

#include <string>
#include <string_view>

#include "sim/model/config_def.h"

namespace bsim {

// The setting of that kind: also by its name as a broker's or as a topic's setting
// (log.retention.ms and retention.ms), and by former names; empty if none is near.
std::string setting_meant(ConfigKind kind, std::string_view name);
// Who has a setting of exactly that name, in words; empty if nobody does.
std::string setting_home(ConfigKind kind, std::string_view name);
// A legal value of the setting, as the JSON text or number has it; empty if none is near.
std::string value_meant(const ConfigDef& def, std::string_view value);

}  // namespace bsim
