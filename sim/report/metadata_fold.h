#pragma once
// The metadata image as the controller's events tell it: registrations, topics, partitions. It
// lacks what no event tells of: settings, racks, log directories, controllers' registrations,
// controlled shutdowns; the metadata log on disk has those (stored_metadata.h). Events that
// contradict what came before, which only a trace made by hand has, are left out.

#include <optional>

#include "sim/model/ids.h"
#include "sim/model/metadata_image.h"
#include "sim/trace/event.h"

namespace bsim {

class MetadataFold {
  public:
    void on(const Event& event);

    const MetadataImage& image() const { return image_; }
    // How much of the metadata log is known to be committed: its first so many records.
    Offset committed() const { return committed_; }

  private:
    template <class Body>
    void apply(const Body&) {}
    void apply(const BrokerRegistered& e);
    void apply(const BrokerFenced& e);
    void apply(const BrokerUnfenced& e);
    void apply(const TopicCreated& e);
    void apply(const TopicDeleted& e);
    void apply(const PartitionChanged& e);
    void apply(const RaftHw& e);

    void fence(BrokerId broker, BrokerEpoch epoch, bool fenced);

    MetadataImage image_;
    Offset committed_;
};

}  // namespace bsim
