#include "sim/wire/control_record.h"

namespace bsim::wire {
namespace {

constexpr std::int16_t kKeyVersion = 0;
constexpr std::int16_t kMarkerVersion = 0;

}  // namespace

std::string_view name(ControlType type) {
    switch (type) {
        case ControlType::Abort:
            return "ABORT";
        case ControlType::Commit:
            return "COMMIT";
        case ControlType::LeaderChange:
            return "LEADER_CHANGE";
        case ControlType::SnapshotHeader:
            return "SNAPSHOT_HEADER";
        case ControlType::SnapshotFooter:
            return "SNAPSHOT_FOOTER";
        case ControlType::KRaftVersion:
            return "KRAFT_VERSION";
        case ControlType::KRaftVoters:
            return "KRAFT_VOTERS";
        case ControlType::Unknown:
            return "UNKNOWN";
    }
    return "UNKNOWN";
}

std::array<std::uint8_t, 4> control_key(ControlType type) {
    std::array<std::uint8_t, 4> key{};
    store_be(key.data(), kKeyVersion);
    store_be(key.data() + 2, static_cast<std::int16_t>(type));
    return key;
}

std::optional<ControlType> parse_control_key(ByteView key) {
    ByteReader in(key);
    const std::int16_t version = in.take_i16();
    const std::int16_t type = in.take_i16();
    // Later versions may only add behind these two.
    if (in.failed() || version < 0)
        return std::nullopt;
    const bool known = type >= 0 && type <= static_cast<std::int16_t>(ControlType::KRaftVoters);
    return known ? ControlType{type} : ControlType::Unknown;
}

std::vector<std::uint8_t> encode_end_txn_marker(std::int32_t coordinator_epoch) {
    ByteWriter out;
    out.put_i16(kMarkerVersion);
    out.put_i32(coordinator_epoch);
    return out.take();
}

std::optional<std::int32_t> parse_end_txn_marker(ByteView value) {
    ByteReader in(value);
    const std::int16_t version = in.take_i16();
    const std::int32_t coordinator_epoch = in.take_i32();
    if (in.failed() || version < 0)
        return std::nullopt;
    return coordinator_epoch;
}

std::vector<std::uint8_t> control_batch(BatchOptions options,
                                        std::int64_t timestamp_ms,
                                        ControlType type,
                                        ByteView value) {
    options.control = true;
    BatchBuilder builder(options);
    const auto key = control_key(type);
    builder.append(timestamp_ms, ByteView(key), value, {});
    return builder.build();
}

}  // namespace bsim::wire
