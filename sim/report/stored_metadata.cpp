#include "sim/report/stored_metadata.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "sim/storage/atomic_file.h"
#include "sim/storage/node_files.h"
#include "sim/wire/record_reader.h"

namespace bsim {
namespace {

constexpr std::size_t kOffsetDigits = 20;

// In order; none if the directory cannot be read.
std::vector<std::string> names_in(Disk& disk, const std::string& directory) {
    const auto names = disk.list(directory);
    return names.ok() ? *names : std::vector<std::string>();
}

// Empty if the file cannot be read.
std::string content_of(Disk& disk, const std::string& path) {
    const auto content = read_file(disk, path);
    return content.ok() ? *content : std::string();
}

// A file of the metadata log: the offset in its name, and where it is.
struct OffsetFile {
    Offset offset;
    std::string path;
};
std::vector<OffsetFile> offset_files(Disk& disk,
                                     const std::string& directory,
                                     std::string_view extension) {
    std::vector<OffsetFile> files;
    for (const std::string& name : names_in(disk, directory)) {
        std::int64_t offset = 0;
        const auto [end, error] = std::from_chars(
            name.data(), name.data() + std::min(name.size(), kOffsetDigits), offset);
        const bool whole = error == std::errc{} && end == name.data() + kOffsetDigits;
        if (whole && name.ends_with(extension))
            files.push_back({Offset(offset), join_path(directory, name)});
    }
    return files;
}

// The data records of a batch, with their offsets; false if one cannot be read.
template <class Visit>
bool visit_records(const wire::BatchView& batch, Visit&& visit) {
    if (batch.header.is_control())
        return true;
    bool good = wire::crc_matches(batch.bytes);
    const auto done = wire::for_each_record(batch, [&](const wire::RecordView& record) {
        const auto read = wire::decode_metadata_record(record.value.value_or(ByteView()));
        good = good && read.ok();
        if (good)
            visit(*read, Offset(record.offset));
    });
    return good && done.ok();
}

std::optional<MetadataImage> snapshot_image(Disk& disk, const OffsetFile& file) {
    const std::string content = content_of(disk, file.path);
    std::vector<wire::VersionedRecord> records;
    wire::BatchReader reader(as_bytes(content));
    wire::BatchView batch;
    while (reader.next(batch)) {
        const bool good = visit_records(
            batch, [&](const wire::VersionedRecord& record, Offset) { records.push_back(record); });
        if (!good)
            return std::nullopt;
    }
    if (records.empty() || !reader.at_end())
        return std::nullopt;
    return MetadataImage::of_snapshot(records, file.offset);
}

// An image of all records below `next`, growing batch by batch.
struct Growing {
    MetadataImage image;
    Offset next;
    Offset end;  // where to stop

    // False if the content does not go on from `next`.
    bool read(const std::string& content) {
        wire::BatchReader reader(as_bytes(content));
        wire::BatchView batch;
        while (next < end && reader.next(batch)) {
            if (batch.header.next_offset() <= next.value())
                continue;
            if (batch.header.base_offset != next.value() ||
                batch.header.next_offset() > end.value())
                return false;
            const auto apply = [this](const wire::VersionedRecord& record, Offset offset) {
                image.apply(record.record, offset);
            };
            if (!visit_records(batch, apply))
                return false;
            next = Offset(batch.header.next_offset());
        }
        return true;
    }
};

std::optional<MetadataImage> image_in(Disk& disk, const std::string& directory, Offset end) {
    Growing growing{{}, Offset(), end};
    const std::vector<OffsetFile> logs = offset_files(disk, directory, ".log");
    if (logs.empty() || logs.front().offset > Offset()) {
        std::vector<OffsetFile> snapshots = offset_files(disk, directory, ".checkpoint");
        std::erase_if(snapshots, [&](const OffsetFile& file) { return file.offset > end; });
        if (snapshots.empty())
            return std::nullopt;
        auto image = snapshot_image(disk, snapshots.back());
        if (!image)
            return std::nullopt;
        growing.image = std::move(*image);
        growing.next = snapshots.back().offset;
    }
    for (const OffsetFile& log : logs) {
        if (log.offset < end && !growing.read(content_of(disk, log.path)))
            return std::nullopt;
    }
    return growing.next == end ? std::optional(std::move(growing.image)) : std::nullopt;
}

}  // namespace

StoredNodes read_stored_nodes(Disk& data) {
    StoredNodes nodes;
    for (const std::string& home : names_in(data, "")) {
        const NodeName node(home);
        if (!node.kafka_id())
            continue;
        std::vector<std::string> places = {home};
        for (const std::string& name : names_in(data, home)) {
            if (name.starts_with('d'))
                places.push_back(join_path(home, name));
        }
        for (const std::string& place : places) {
            const auto properties = read_meta_properties(data, place);
            if (!properties.ok())
                continue;
            nodes.dirs[node].push_back({place, properties->directory_id});
            nodes.cluster_id = properties->cluster_id;
        }
    }
    return nodes;
}

std::optional<MetadataImage> read_stored_image(Disk& data, const StoredNodes& nodes, Offset end) {
    for (const auto& [node, dirs] : nodes.dirs) {
        auto image = image_in(data, join_path(dirs.front().path, "__cluster_metadata-0"), end);
        if (image)
            return image;
    }
    return std::nullopt;
}

}  // namespace bsim
