#include "sim/wire/metadata_record.h"

#include <cstdint>
#include <optional>
#include <utility>

#include "sim/base/varint.h"
#include "sim/wire/message_json.h"

namespace bsim::wire {
namespace {

constexpr std::uint32_t kFrameVersion = 1;

// An empty record of the type, found by trying the variant's alternatives.
template <std::size_t I = 0>
std::optional<MetadataRecord> record_of_type(std::int16_t type) {
    if constexpr (I < std::variant_size_v<MetadataRecord::variant>) {
        using Record = std::variant_alternative_t<I, MetadataRecord::variant>;
        if (Record::kApiKey == type)
            return Record{};
        return record_of_type<I + 1>(type);
    } else {
        return std::nullopt;
    }
}

std::int16_t version_at_3_9(const RegisterBrokerRecord&) {
    return 3;
}
std::int16_t version_at_3_9(const PartitionRecord&) {
    return 1;
}
std::int16_t version_at_3_9(const PartitionChangeRecord&) {
    return 1;
}
std::int16_t version_at_3_9(const BrokerRegistrationChangeRecord& record) {
    if (!record.log_dirs.empty())
        return 2;
    return record.in_controlled_shutdown != 0 ? 1 : 0;
}
template <class Record>
std::int16_t version_at_3_9(const Record&) {
    return 0;
}

// A number of the frame; nullopt if it is too large for 16 bits signed.
std::optional<std::int16_t> take_frame_number(ByteReader& in) {
    const std::uint32_t value = take_uvarint(in);
    if (in.failed() || value > INT16_MAX)
        return std::nullopt;
    return static_cast<std::int16_t>(value);
}

std::uint32_t as_unsigned(std::int16_t number) {
    return static_cast<std::uint32_t>(static_cast<std::uint16_t>(number));
}

}  // namespace

MetadataRecord::MetadataRecord() = default;
MetadataRecord::MetadataRecord(const MetadataRecord& other) = default;
MetadataRecord::MetadataRecord(MetadataRecord&& other) noexcept = default;
MetadataRecord& MetadataRecord::operator=(const MetadataRecord& other) = default;
MetadataRecord& MetadataRecord::operator=(MetadataRecord&& other) noexcept = default;
MetadataRecord::~MetadataRecord() = default;
bool MetadataRecord::operator==(const MetadataRecord& other) const {
    return static_cast<const variant&>(*this) == static_cast<const variant&>(other);
}

std::string_view describe(WireError error) {
    switch (error) {
        case WireError::BadFrame:
            return "the frame of the record is not that of version 1";
        case WireError::UnknownType:
            return "the record type is unknown";
        case WireError::UnknownVersion:
            return "the record version is unknown";
        case WireError::BadBody:
            return "the body does not fit the record's fields";
        case WireError::TrailingBytes:
            return "bytes are left after the record";
    }
    return "";
}

VersionedRecord versioned(MetadataRecord record) {
    const std::int16_t version =
        std::visit([](const auto& r) { return version_at_3_9(r); }, record);
    return VersionedRecord{version, std::move(record)};
}

std::int16_t record_type(const MetadataRecord& record) {
    return std::visit([](const auto& r) { return r.kApiKey; }, record);
}

std::string_view record_type_name(const MetadataRecord& record) {
    return std::visit([](const auto& r) { return std::string_view(r.kTypeName); }, record);
}

std::size_t encoded_metadata_record_size(const VersionedRecord& record) {
    const std::size_t body =
        std::visit([&](const auto& r) { return encoded_size(r, record.version); }, record.record);
    return uvarint_size(kFrameVersion) + uvarint_size(as_unsigned(record_type(record.record))) +
           uvarint_size(as_unsigned(record.version)) + body;
}

std::vector<std::uint8_t> encode_metadata_record(const VersionedRecord& record) {
    ByteWriter out;
    out.reserve(encoded_metadata_record_size(record));
    put_uvarint(out, kFrameVersion);
    put_uvarint(out, as_unsigned(record_type(record.record)));
    put_uvarint(out, as_unsigned(record.version));
    std::visit([&](const auto& r) { encode(r, record.version, out); }, record.record);
    return out.take();
}

Result<VersionedRecord, WireError> decode_metadata_record(ByteView bytes) {
    ByteReader in(bytes);
    const auto frame = take_frame_number(in);
    if (frame != kFrameVersion)
        return Err{WireError::BadFrame};
    const auto type = take_frame_number(in);
    const auto version = take_frame_number(in);
    if (!type || !version)
        return Err{WireError::BadFrame};

    auto record = record_of_type(*type);
    if (!record)
        return Err{WireError::UnknownType};
    const bool known = std::visit(
        [&](auto& r) {
            if (*version < r.kMinVersion || *version > r.kMaxVersion)
                return false;
            decode(in, *version, r);
            return true;
        },
        *record);
    if (!known)
        return Err{WireError::UnknownVersion};
    if (in.failed())
        return Err{WireError::BadBody};
    if (in.remaining() > 0)
        return Err{WireError::TrailingBytes};
    return VersionedRecord{*version, std::move(*record)};
}

nlohmann::ordered_json metadata_record_json(const VersionedRecord& record) {
    nlohmann::ordered_json json;
    json["type"] = record_type_name(record.record);
    json["version"] = record.version;
    json["data"] =
        std::visit([&](const auto& r) { return to_json(r, record.version); }, record.record);
    return json;
}

}  // namespace bsim::wire
