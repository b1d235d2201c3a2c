#pragma once
// The small files that say whose directory this is and how it was left:
//   meta.properties       java Properties, version 1 (KRaft): node.id, directory.id, cluster.id
//   .kafka_cleanshutdown  {"version":0,"brokerEpoch":N}; present only after a clean shutdown
//   partition.metadata    "version: 0\ntopic_id: <uuid>" without a final newline
// Readers accept any key order and report what breaks the format as Corrupt, absence as NotFound.
// Source: MetaPropertiesEnsemble, PropertiesUtils, CleanShutdownFileHandler,
// PartitionMetadataFile.

#include <optional>
#include <string>

#include "sim/base/time.h"
#include "sim/model/ids.h"
#include "sim/storage/disk.h"

namespace bsim {

struct MetaProperties {
    BrokerId node_id;
    Uuid directory_id;
    std::string cluster_id;
    bool operator==(const MetaProperties&) const = default;
};

// `now` is stamped into the comment line, in UTC, as java.util.Date prints it.
std::string format_meta_properties(const MetaProperties& properties, WallMs now);
Stored<Done> write_meta_properties(Disk& disk,
                                   const std::string& dir,
                                   const MetaProperties& properties,
                                   WallMs now);
Stored<MetaProperties> read_meta_properties(Disk& disk, const std::string& dir);

Stored<Done> write_clean_shutdown(Disk& disk, const std::string& dir, BrokerEpoch epoch);
// Nothing if the file is absent. A file without a readable epoch still means a clean shutdown:
// the epoch is then -1.
Stored<std::optional<BrokerEpoch>> read_clean_shutdown(Disk& disk, const std::string& dir);
Stored<Done> remove_clean_shutdown(Disk& disk, const std::string& dir);

Stored<Done> write_partition_metadata(Disk& disk, const std::string& dir, const Uuid& topic_id);
Stored<Uuid> read_partition_metadata(Disk& disk, const std::string& dir);

}  // namespace bsim
