#include <array>
#include <fmt/format.h>
#include <utility>

#include "sim/scenario/build.h"
#include "sim/scenario/fields.h"
#include "sim/scenario/quantity.h"
#include "sim/scenario/values.h"

namespace bsim {
namespace {

constexpr std::int64_t kMostZipfKeys = 1'000'000;  // each takes room in a table
constexpr std::int32_t kLongBytes = 8;             // of LongSerializer

std::optional<KeySpec> key_of(Build& build, const JsonNode* node) {
    const auto keys = integer_of(member(node, "keys"));
    const auto dist = text_of(member(node, "dist"));
    if (!keys || !dist) {
        return std::nullopt;
    }
    KeySpec key;
    key.dist = *dist == "sequential" ? KeySpec::Dist::Sequential
               : *dist == "zipf"     ? KeySpec::Dist::Zipf
               : *dist == "hot"      ? KeySpec::Dist::Hot
                                     : KeySpec::Dist::Uniform;
    key.keys = *keys;
    key.exponent = factor_of(member(node, "exponent")).value_or(key.exponent);
    key.share = probability_of(member(node, "share")).value_or(key.share);
    if (key.dist == KeySpec::Dist::Zipf && *keys > kMostZipfKeys) {
        build.document.report({"E0109", at_value(*member(node, "keys")),
                               fmt::format("{} keys are too many for \"zipf\"", *keys),
                               fmt::format("at most {}", kMostZipfKeys)});
    }
    for (const auto& [name, owner] : {std::pair{"exponent", "zipf"}, std::pair{"share", "hot"}}) {
        if (const JsonNode* given = member(node, name); given != nullptr && *dist != owner) {
            build.document.report({"E0112", at_key(*given),
                                   fmt::format("\"{}\" goes with the dist \"{}\"", name, owner)});
        }
    }
    return key;
}

void build_rate(Build& build, const JsonNode& node, ProducerSpec& producer) {
    const JsonNode* rate = member(&node, "rate");
    const auto text = text_of(rate);
    if (!text || *text == "max") {
        return;
    }
    if (const auto bits = bit_rate_of(rate)) {
        // Of values alone, as the sizes of keys vary.
        const bool is_long = producer.config.value_serializer == Serializer::Long;
        const auto records = records_at(*bits, is_long ? kLongBytes : producer.value_bytes);
        if (!records) {
            build.document.report({"E0109", at_value(*rate),
                                   fmt::format("\"{}\": {}", *text, records.error().message)});
            return;
        }
        producer.rate = *records;
    } else if (const auto records = parse_record_rate(*text)) {
        producer.rate = *records;
    }
}

void check_times(Build& build, const JsonNode& node, const ProducerSpec& producer) {
    const JsonNode* stop = member(&node, "stop");
    if (producer.stop && *producer.stop <= producer.start) {
        build.document.report(
            {"E0211", at_value(*stop),
             fmt::format("producer \"{}\" stops before it starts", producer.name)});
    }
    const JsonNode* start = member(&node, "start");
    if (start != nullptr && build.out.duration.ns() > 0 &&
        producer.start.ns() >= build.out.duration.ns()) {
        build.document.report(
            {"W0006", at_value(*start),
             fmt::format("producer \"{}\" starts after the end of the run", producer.name)});
    }
}

void build_value(Build& build, const JsonNode& node, ProducerSpec& producer) {
    const auto size = size_of(member(&node, "value"));
    if (!size) {
        return;
    }
    if (*size > INT32_MAX) {
        build.document.report({"E0109", at_value(*member(&node, "value")),
                               fmt::format("a value of {} bytes is too large", *size),
                               "at most 2147483647B"});
        return;
    }
    producer.value_bytes = static_cast<std::int32_t>(*size);
}

void check_long(Build& build, const JsonNode& node, const ProducerSpec& producer) {
    const JsonNode* value = member(&node, "value");
    if (value == nullptr || producer.config.value_serializer != Serializer::Long ||
        producer.value_bytes == kLongBytes) {
        return;
    }
    build.document.report(
        {"E0217", at_value(*value),
         fmt::format("LongSerializer writes values of 8 bytes, not of {}", producer.value_bytes),
         "8B, or no \"value\""});
}

void add_producer(Build& build, const JsonNode& node) {
    if (!is_name(node.key)) {
        build.document.report({"E0106", at_key(node),
                               fmt::format("\"{}\" is no legal name of a producer", node.key),
                               std::string(kNameForm)});
    }
    ProducerSpec producer;
    producer.name = node.key;
    producer.count = static_cast<std::int32_t>(integer_of(member(&node, "count")).value_or(1));
    const JsonNode* topic = member(&node, "topic");
    if (const auto name = text_of(topic)) {
        producer.topic = std::string(*name);
        check_topic_name(build, *topic, {0, name->size()});
    }
    build_value(build, node, producer);
    producer.key = key_of(build, member(&node, "key"));
    const auto start = duration_of(member(&node, "start"));
    producer.start = SimTime(start.value_or(SimDuration{}).ns());
    if (const auto stop = duration_of(member(&node, "stop"))) {
        producer.stop = SimTime(stop->ns());
    }
    producer.records = integer_of(member(&node, "records"));
    check_times(build, node, producer);
    const auto settings =
        build_settings(build, ConfigKind::Producer, std::array{member(&node, "config")});
    if (settings) {
        producer.settings = *settings;
        producer.config = resolve_producer_config(*settings);
        check_long(build, node, producer);
    }
    build_rate(build, node, producer);
    build.out.producers.push_back(std::move(producer));
}

}  // namespace

bool check_instances(Build& build, const JsonNode& client, std::int64_t count) {
    const std::int64_t before = build.instances;
    build.instances += count >= 1 && count <= kInstancesMax ? count : 0;
    if (build.instances <= kInstancesMax) {
        return true;
    }
    if (before <= kInstancesMax) {
        build.document.report({"E0209", at_key(client),
                               fmt::format("with \"{}\" the scenario has {} instances of producers "
                                           "and consumers; at most {} are possible",
                                           client.key, build.instances, kInstancesMax)});
    }
    return false;
}

void build_producers(Build& build) {
    const JsonNode* producers = member(&build.root, "producers");
    build.producers.emplace();
    if (producers == nullptr) {
        return;
    }
    if (producers->kind != JsonNode::Kind::Object) {
        build.producers.reset();
        return;
    }
    for (const JsonNode& producer : producers->children) {
        const auto count = integer_of(member(&producer, "count")).value_or(1);
        build.producers->emplace(producer.key, static_cast<std::int32_t>(count));
        check_instances(build, producer, count);
        if (producer.kind == JsonNode::Kind::Object) {
            add_producer(build, producer);
        }
    }
}

}  // namespace bsim
