#pragma once
// What the nodes of a finished run left on their disks and no event tells of: the metadata log, by
// which the image at any committed offset can be built again, and the ids of log directories.
//
// Nothing here fails on what is missing or damaged: there is then nothing to be had from it.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/uuid.h"
#include "sim/model/ids.h"
#include "sim/model/metadata_image.h"
#include "sim/storage/disk.h"
#include "sim/trace/node_name.h"

namespace bsim {

struct StoredLogDir {
    std::string path;  // below the data directory: "broker-1", or "broker-1/d0" if it has several
    Uuid id;

    bool operator==(const StoredLogDir&) const = default;
};

struct StoredNodes {
    std::string cluster_id;                              // empty if no node tells
    std::map<NodeName, std::vector<StoredLogDir>> dirs;  // the metadata log is in the first

    bool operator==(const StoredNodes&) const = default;
};

// From the files meta.properties on `data`, the disk of all nodes' directories.
StoredNodes read_stored_nodes(Disk& data);

// The image of the records below `end`, from the first node's copy of the metadata log that has
// them all: from its beginning, or from a snapshot on.
std::optional<MetadataImage> read_stored_image(Disk& data, const StoredNodes& nodes, Offset end);

}  // namespace bsim
