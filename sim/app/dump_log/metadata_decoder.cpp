#include <algorithm>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sim/app/dump_log/decoder.h"
#include "sim/app/dump_log/java_text.h"
#include "sim/base/varint.h"
#include "sim/wire/metadata_record.h"

namespace bsim::dump_log {
namespace {

using wire::MetadataRecord;

// Why a record could not be read, in the words of MetadataRecordSerde.
struct Refusal {
    std::string why;
};

constexpr std::int16_t kFrameVersion = 1;

std::int16_t take_number(ByteReader& in, std::string_view what) {
    const auto value = static_cast<std::int32_t>(take_uvarint(in));
    if (in.failed())
        throw Refusal{fmt::format("Error while reading {}", what)};
    if (value > INT16_MAX)
        throw Refusal{fmt::format("Value for {} was too large.", what)};
    return static_cast<std::int16_t>(value);
}

void check_frame(std::int16_t version) {
    if (version == 0) {
        throw Refusal{
            "Could not deserialize metadata record with frame version 0. Note that upgrades from "
            "the preview release of KRaft in 2.8 to newer versions are not supported."};
    }
    if (version != kFrameVersion) {
        throw Refusal{fmt::format(
            "Could not deserialize metadata record due to unknown frame version {}(only frame "
            "version {} is supported)",
            version, kFrameVersion)};
    }
}

// An empty record of the type.
template <std::size_t I = 0>
MetadataRecord record_of(std::int16_t type) {
    if constexpr (I < std::variant_size_v<MetadataRecord::variant>) {
        if (std::variant_alternative_t<I, MetadataRecord::variant>::kApiKey == type)
            return std::variant_alternative_t<I, MetadataRecord::variant>{};
        return record_of<I + 1>(type);
    } else {
        throw Refusal{fmt::format(
            "org.apache.kafka.common.errors.UnsupportedVersionException: Unknown metadata id {}",
            type)};
    }
}

// Metadata records hold structs in arrays only.
bool holds_structs(const nlohmann::ordered_json& data) {
    return std::any_of(data.begin(), data.end(), [](const nlohmann::ordered_json& field) {
        return field.is_array() && !field.empty() && field.front().is_object();
    });
}

std::string read_record(ByteView bytes) {
    ByteReader in(bytes);
    check_frame(take_number(in, "frame version"));
    const std::int16_t type = take_number(in, "type");
    const std::int16_t version = take_number(in, "version");

    wire::VersionedRecord read;
    read.record = record_of(type);
    std::visit(
        [&](auto& record) {
            // Java reads a version outside the record's range like the nearest inside,
            read.version = std::clamp(version, record.kMinVersion, record.kMaxVersion);
            decode(in, read.version, record);
        },
        read.record);
    if (in.failed())
        throw Refusal{fmt::format("Failed to deserialize record with type {}", type)};
    auto json = wire::metadata_record_json(read);
    // but above it refuses the structs inside.
    if (version > read.version && holds_structs(json["data"]))
        throw Refusal{fmt::format("Failed to deserialize record with type {}", type)};
    if (in.remaining() > 0)
        throw Refusal{fmt::format("Found {} byte(s) of garbage after {}", in.remaining(), type)};
    json["version"] = version;
    return jackson_text(json);
}

}  // namespace

Contents decode_cluster_metadata(const FileRecord& record) {
    Contents contents;
    try {
        if (!record.value_error.empty())
            throw Refusal{record.value_error};
        contents.payload = Shown{read_record(record.value.value_or(ByteView{})), true};
    } catch (const Refusal& refusal) {
        contents.payload =
            Shown{fmt::format("Error at {}, skipping. {}", record.offset, refusal.why)};
    }
    return contents;
}

}  // namespace bsim::dump_log
