#pragma once
// What a broker tells clients of the cluster, from the metadata that it has applied so far.
// Source: KRaftMetadataCache, KafkaApis.handleTopicMetadataRequest.

#include <cstdint>
#include <string>

#include "sim/model/metadata_image.h"
#include "sim/wire/messages/metadata_request.h"
#include "sim/wire/messages/metadata_response.h"

namespace bsim {

// `drawn` picks the broker that is named as the controller: in KRaft any live one.
wire::MetadataResponse answer_metadata(const MetadataImage& image,
                                       const wire::MetadataRequest& request,
                                       const std::string& cluster_id,
                                       std::uint64_t drawn);

}  // namespace bsim
