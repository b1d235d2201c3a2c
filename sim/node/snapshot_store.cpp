#include "sim/node/snapshot_store.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <utility>

#include "sim/base/check.h"
#include "sim/node/must.h"
#include "sim/storage/atomic_file.h"
#include "sim/wire/batch_builder.h"
#include "sim/wire/control_record.h"
#include "sim/wire/messages/snapshot_footer_record.h"
#include "sim/wire/messages/snapshot_header_record.h"
#include "sim/wire/record_reader.h"

namespace bsim {
namespace {

constexpr std::string_view kSuffix = ".checkpoint";
constexpr std::size_t kOffsetDigits = 20;
constexpr std::size_t kEpochDigits = 10;
constexpr std::size_t kMostRecordsInABatch = 1024;

template <class Int>
std::optional<Int> digits(std::string_view text) {
    Int value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

// The snapshot that a name begins with; `rest` is what follows its digits.
std::optional<kraft::OffsetAndEpoch> parse_name(std::string_view name, std::string_view& rest) {
    constexpr std::size_t length = kOffsetDigits + 1 + kEpochDigits;
    if (name.size() <= length || name[kOffsetDigits] != '-')
        return std::nullopt;
    const auto offset = digits<std::int64_t>(name.substr(0, kOffsetDigits));
    const auto epoch = digits<std::int32_t>(name.substr(kOffsetDigits + 1, kEpochDigits));
    rest = name.substr(length);
    if (!offset || !epoch)
        return std::nullopt;
    return kraft::OffsetAndEpoch{LeaderEpoch(*epoch), Offset(*offset)};
}

// Calls `take` with each data record and the header's control record apart.
template <class OnHeader, class OnRecord>
void walk(ByteView content, OnHeader&& on_header, OnRecord&& on_record) {
    wire::BatchReader reader(content);
    wire::BatchView view;
    bool first = true;
    while (reader.next(view)) {
        const bool control = view.header.is_control();
        const auto done = wire::for_each_record(view, [&](const wire::RecordView& record) {
            if (!control) {
                on_record(record);
            } else if (first) {
                on_header(record);
            }
        });
        BSIM_CHECK(done.ok());
        first = false;
    }
}

}  // namespace

std::vector<std::uint8_t> encode_snapshot(const kraft::OffsetAndEpoch& id,
                                          WallMs contained,
                                          const std::vector<wire::VersionedRecord>& records,
                                          WallMs now) {
    ByteWriter out;
    wire::BatchOptions options;
    options.leader_epoch = id.epoch.value();
    wire::SnapshotHeaderRecord header;
    header.last_contained_log_timestamp = contained.value();
    out.put_bytes(wire::control_batch(options, now.value(), wire::ControlType::SnapshotHeader,
                                      wire::encode_control_value(header, 0)));
    options.base_offset = 1;
    for (std::size_t from = 0; from < records.size(); from += kMostRecordsInABatch) {
        const std::size_t to = std::min(records.size(), from + kMostRecordsInABatch);
        wire::BatchBuilder builder(options);
        for (std::size_t i = from; i < to; ++i) {
            const auto value = wire::encode_metadata_record(records[i]);
            builder.append(now.value(), std::nullopt, ByteView(value), {});
        }
        out.put_bytes(builder.build());
        options.base_offset += static_cast<std::int64_t>(to - from);
    }
    out.put_bytes(wire::control_batch(options, now.value(), wire::ControlType::SnapshotFooter,
                                      wire::encode_control_value(wire::SnapshotFooterRecord{}, 0)));
    return out.take();
}

SnapshotStore::SnapshotStore(Disk& disk, std::string dir) : disk_(disk), dir_(std::move(dir)) {
    for (const std::string& name : must(disk_.list(dir_))) {
        std::string_view rest;
        const auto id = parse_name(name, rest);
        if (!id || !rest.starts_with(kSuffix))
            continue;
        if (rest == kSuffix) {
            add(*id);
        } else {
            must(remove_if_exists(disk_, join_path(dir_, name)));
        }
    }
}

std::string SnapshotStore::path(const kraft::OffsetAndEpoch& id) const {
    return join_path(dir_,
                     fmt::format("{:020}-{:010}{}", id.offset.value(), id.epoch.value(), kSuffix));
}

void SnapshotStore::add(const kraft::OffsetAndEpoch& id) {
    const std::string content = must(read_file(disk_, path(id)));
    kraft::SnapshotInfo info;
    info.id = id;
    info.bytes = static_cast<std::int64_t>(content.size());
    walk(
        as_bytes(content),
        [&](const wire::RecordView& record) {
            ByteReader reader(record.value.value_or(ByteView{}));
            wire::SnapshotHeaderRecord header;
            wire::decode(reader, 0, header);
            BSIM_CHECK(!reader.failed());
            info.last_contained = WallMs(header.last_contained_log_timestamp);
        },
        [](const wire::RecordView&) {});
    const auto place = std::lower_bound(complete_.begin(), complete_.end(), info,
                                        [](const auto& a, const auto& b) { return a.id < b.id; });
    if (place == complete_.end() || place->id != id)
        complete_.insert(place, info);
}

void SnapshotStore::write(const kraft::OffsetAndEpoch& id, ByteView content) {
    start_fetched(id);
    append_fetched(id, content);
    freeze_fetched(id);
}

void SnapshotStore::start_fetched(const kraft::OffsetAndEpoch& id) {
    must(File::open(disk_, part_path(id), OpenMode::Truncate));
}

void SnapshotStore::append_fetched(const kraft::OffsetAndEpoch& id, ByteView bytes) {
    const File part = must(File::open(disk_, part_path(id), OpenMode::Existing));
    must(part.write(must(part.size()), bytes));
}

void SnapshotStore::drop_fetched(const kraft::OffsetAndEpoch& id) {
    must(remove_if_exists(disk_, part_path(id)));
}

void SnapshotStore::freeze_fetched(const kraft::OffsetAndEpoch& id) {
    {
        const File part = must(File::open(disk_, part_path(id), OpenMode::Existing));
        must(part.sync());
    }
    must(disk_.rename(part_path(id), path(id)));
    must(disk_.sync_dir(dir_));
    add(id);
}

SharedBytes SnapshotStore::read(const kraft::OffsetAndEpoch& id,
                                std::int64_t position,
                                std::int64_t max_bytes) const {
    const File file = must(File::open(disk_, path(id), OpenMode::Existing));
    const auto size = static_cast<std::int64_t>(must(file.size()));
    BSIM_CHECK(position >= 0 && position <= size);
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(std::min(max_bytes, size - position)));
    const std::size_t got = must(file.read(static_cast<std::uint64_t>(position), bytes));
    BSIM_CHECK(got == bytes.size());
    return SharedBytes(std::move(bytes));
}

std::vector<wire::VersionedRecord> SnapshotStore::records(const kraft::OffsetAndEpoch& id) const {
    const std::string content = must(read_file(disk_, path(id)));
    std::vector<wire::VersionedRecord> out;
    walk(
        as_bytes(content), [](const wire::RecordView&) {},
        [&](const wire::RecordView& record) {
            auto decoded = wire::decode_metadata_record(record.value.value_or(ByteView{}));
            BSIM_CHECK(decoded.ok());
            out.push_back(std::move(*decoded));
        });
    return out;
}

std::vector<std::string> SnapshotStore::forget_before(const kraft::OffsetAndEpoch& id) {
    std::vector<std::string> deleted;
    const auto first_kept =
        std::find_if(complete_.begin(), complete_.end(),
                     [&](const kraft::SnapshotInfo& each) { return !(each.id < id); });
    for (auto it = complete_.begin(); it != first_kept; ++it) {
        deleted.push_back(path(it->id) + ".deleted");
        must(disk_.rename(path(it->id), deleted.back()));
    }
    complete_.erase(complete_.begin(), first_kept);
    return deleted;
}

}  // namespace bsim
