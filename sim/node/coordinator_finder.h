#pragma once
// FindCoordinator: which broker looks after a group, and the making of __consumer_offsets when the
// first group is looked for. While the topic or a leader is missing the answer is
// COORDINATOR_NOT_AVAILABLE, and the client asks again.
// Source: KafkaApis.getCoordinator, AutoTopicCreationManager.

#include "sim/model/config.h"
#include "sim/model/metadata_image.h"
#include "sim/node/controller_link.h"

namespace bsim {

class CoordinatorFinder {
  public:
    struct Parts {
        const MetadataImage& image;
        const BrokerConfig& config;
        ControllerLink& controller;
    };
    explicit CoordinatorFinder(const Parts& parts) : parts_(parts) {}

    // `partitions` is how many partitions of the offsets topic this broker reckons with.
    wire::FindCoordinatorResponse answer(const wire::FindCoordinatorRequest& request,
                                         std::int16_t version,
                                         std::int32_t partitions);

  private:
    using Coordinator = wire::FindCoordinatorResponse::Coordinator;
    Coordinator find(std::int8_t key_type, const std::string& key, std::int32_t partitions);
    void create_offsets_topic();

    Parts parts_;
    bool creating_ = false;  // asked the controller, which has not answered
};

}  // namespace bsim
