#include "sim/node/format.h"

#include "sim/node/must.h"
#include "sim/storage/atomic_file.h"
#include "sim/storage/node_files.h"
#include "sim/wire/batch_builder.h"
#include "sim/wire/control_record.h"
#include "sim/wire/messages/snapshot_footer_record.h"
#include "sim/wire/messages/snapshot_header_record.h"
#include "sim/wire/metadata_record.h"

namespace bsim {
namespace {

constexpr std::int16_t kMetadataVersion39 = 21;

// Snapshot 0-0: a header, the feature records that a new cluster starts from, a footer.
std::vector<std::uint8_t> bootstrap_checkpoint(WallMs now) {
    ByteWriter out;
    wire::BatchOptions options;
    options.leader_epoch = 0;
    out.put_bytes(wire::control_batch(options, now.value(), wire::ControlType::SnapshotHeader,
                                      wire::encode_control_value(wire::SnapshotHeaderRecord{}, 0)));

    options.base_offset = 1;
    wire::FeatureLevelRecord level;
    level.name = "metadata.version";
    level.feature_level = kMetadataVersion39;
    wire::BatchBuilder builder(options);
    const auto value = wire::encode_metadata_record(wire::versioned(level));
    builder.append(now.value(), std::nullopt, ByteView(value), {});
    out.put_bytes(builder.build());

    options.base_offset = 2;
    out.put_bytes(wire::control_batch(options, now.value(), wire::ControlType::SnapshotFooter,
                                      wire::encode_control_value(wire::SnapshotFooterRecord{}, 0)));
    return out.take();
}

}  // namespace

void format_log_dirs(LogDirs& dirs, BrokerId node, const std::string& cluster, WallMs now) {
    for (std::size_t i = 0; i < dirs.size(); ++i) {
        Disk& disk = dirs[i].disk();
        if (must(disk.exists("meta.properties")))
            continue;
        if (i == 0) {
            must(write_file_atomically(disk, "bootstrap.checkpoint",
                                       as_text(bootstrap_checkpoint(now))));
        }
        must(write_meta_properties(disk, "", {node, dirs.id(i), cluster}, now));
    }
}

}  // namespace bsim
