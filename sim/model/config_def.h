#pragma once
// Kafka's settings as tables: every name that a broker, topic, producer or consumer of Kafka 3.9
// knows, with its type, default and legal values, and the checks that Kafka makes on them.
//
// A setting's value is text, as in server.properties; ConfigMap holds what a user set, and no
// defaults. The typed structs that the rest of the simulator reads are in sim/model/config.h.
//
// Errors: check_config() never throws and finds all problems, in the order of the names.
// Source: org.apache.kafka.common.config.ConfigDef; KafkaConfig, LogConfig, ProducerConfig and
// ConsumerConfig of 3.9.1.

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bsim {

enum class ConfigKind : std::uint8_t { Broker, Topic, Producer, Consumer };

// ConfigDef.Type.
enum class ConfigType : std::uint8_t {
    Boolean,
    String,
    Short,
    Int,
    Long,
    Double,
    List,
    Class,
    Password
};

// What setting a name changes in a simulated run.
enum class ConfigEffect : std::uint8_t {
    Acts,      // as in Kafka
    NoEffect,  // checked, then ignored for now
    Derived,   // the simulator sets it from the scenario's other parts
};

// The values that a type alone would allow and the setting does not. Numbers are kept as text: a
// range of a Double setting need not be whole.
struct ConfigRule {
    enum class Kind : std::uint8_t {
        Any,
        Range,            // at least min, at most max; an empty bound is none
        RangeOrMinusOne,  // the same, or -1
        OneOf,            // words holds the legal values, separated by ", "
        OneOfNoCase,      // the same without regard to case
        ListOf,           // every element is one of words
        NonEmpty,         // text with at least one character
        MetadataVersion,
        ThrottledReplicas,  // "*" or partition:broker,...
    };
    Kind kind = Kind::Any;
    std::string_view min = {};
    std::string_view max = {};
    std::string_view words = {};
};

struct ConfigDef {
    std::string_view name;
    ConfigType type = ConfigType::String;
    std::optional<std::string_view> default_value;  // none: null, or required
    ConfigRule rule;
    ConfigEffect effect = ConfigEffect::NoEffect;
};

// Names in ascending order.
std::span<const ConfigDef> config_table(ConfigKind kind);
const ConfigDef* find_config(ConfigKind kind, std::string_view name);

using ConfigMap = std::map<std::string, std::string, std::less<>>;

struct ConfigProblem {
    enum class Kind : std::uint8_t {
        UnknownName,
        IllegalValue,
        Contradiction,  // with another setting
        NotBuilt,       // legal in Kafka, but not in the simulator yet
    };
    Kind kind = Kind::IllegalValue;
    std::string name;        // the setting to blame
    std::string other_name;  // for Contradiction: to blame if `name` was not set; may be empty
    std::string message;
    std::string expected;  // the legal values; may be empty

    bool operator==(const ConfigProblem&) const = default;
};

// What Kafka would say to one value: its type, its range. nullopt when it is legal.
std::optional<ConfigProblem> check_config_value(const ConfigDef& def, std::string_view value);

// All values, then the rules that tie several settings together.
std::vector<ConfigProblem> check_config(ConfigKind kind, const ConfigMap& values);

}  // namespace bsim
