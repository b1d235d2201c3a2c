#pragma once
// The snapshots in a node's copy of the metadata log: `<end offset>-<epoch>.checkpoint` files of
// twenty and ten digits beside the segments. One being written or fetched ends in ".part", one that
// is to be removed in ".deleted". Source: KIP-630; Snapshots, FileRawSnapshotWriter (3.9).

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/bytes.h"
#include "sim/protocol/kraft/types.h"
#include "sim/storage/disk.h"
#include "sim/wire/metadata_record.h"

namespace bsim {

// The bytes of a snapshot file: a header, the records in batches of at most 1024, a footer.
// `contained` is the timestamp of the last record that it stands for.
std::vector<std::uint8_t> encode_snapshot(const kraft::OffsetAndEpoch& id,
                                          WallMs contained,
                                          const std::vector<wire::VersionedRecord>& records,
                                          WallMs now);

class SnapshotStore {
  public:
    // Lists what the directory holds and removes what an earlier life left unfinished or deleted.
    SnapshotStore(Disk& disk, std::string dir);

    const std::vector<kraft::SnapshotInfo>& complete() const { return complete_; }

    // Syncs the whole file and gives it its name.
    void write(const kraft::OffsetAndEpoch& id, ByteView content);

    // The same for one that is fetched piece by piece.
    void start_fetched(const kraft::OffsetAndEpoch& id);
    void append_fetched(const kraft::OffsetAndEpoch& id, ByteView bytes);
    void drop_fetched(const kraft::OffsetAndEpoch& id);
    void freeze_fetched(const kraft::OffsetAndEpoch& id);

    SharedBytes read(const kraft::OffsetAndEpoch& id,
                     std::int64_t position,
                     std::int64_t max_bytes) const;
    std::vector<wire::VersionedRecord> records(const kraft::OffsetAndEpoch& id) const;

    // Marks all before `id` for deletion; returns their new paths, for remove_if_exists() later.
    std::vector<std::string> forget_before(const kraft::OffsetAndEpoch& id);

  private:
    std::string path(const kraft::OffsetAndEpoch& id) const;
    std::string part_path(const kraft::OffsetAndEpoch& id) const { return path(id) + ".part"; }
    void add(const kraft::OffsetAndEpoch& id);

    Disk& disk_;
    std::string dir_;
    std::vector<kraft::SnapshotInfo> complete_;  // ascending by id
};

}  // namespace bsim
