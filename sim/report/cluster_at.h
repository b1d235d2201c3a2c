#pragma once
// A stored run's cluster at a moment, from all that the run left: its trace up to then, the
// manifest, the nodes' files. Without the latter two (only the trace was kept), what only they know
// is missing: `image_is_whole` says so.
//
// Errors: those of the trace; damage to the rest makes it count as missing.

#include <istream>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "sim/base/result.h"
#include "sim/base/time.h"
#include "sim/model/metadata_image.h"
#include "sim/report/log_size_fold.h"
#include "sim/report/manifest.h"
#include "sim/report/quorum_fold.h"
#include "sim/report/stored_metadata.h"
#include "sim/trace/reader.h"

namespace bsim {

enum class ProcessState { Down, Up, Paused };

struct ClusterAt {
    SimTime at;
    // What all records below the controller's high watermark say. Not whole: without settings,
    // racks, log directories and controllers.
    MetadataImage image;
    bool image_is_whole = false;
    std::map<NodeName, ProcessState> processes;  // of brokers and controllers
    QuorumFold quorum;
    LogSizeFold logs;
    StoredNodes stored;
    std::map<std::string, ManifestNode> manifest;  // by node

    ProcessState process(BrokerId broker) const;
    // What the broker was started with; nothing if the manifest does not tell.
    const ConfigMap& settings(BrokerId broker) const;
    // "broker-1"; a combined node bears its broker's name.
    NodeName node_name(BrokerId id) const;
    // Registered and not fenced, as Metadata lists them.
    std::set<BrokerId> live_brokers() const;
};

struct RunFiles {
    std::string manifest;  // its text; empty if there is none
    Disk* data = nullptr;  // that of the nodes' directories, if there is one
};

// The state after all events up to `at`, that moment included; without it, at the end.
Result<ClusterAt, TraceError> read_cluster_at(std::istream& trace,
                                              std::optional<SimTime> at,
                                              const RunFiles& files);

}  // namespace bsim
