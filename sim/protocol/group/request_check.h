#pragma once
// What a broker checks of a request about offsets before its group coordinator sees it: that topics
// and partitions exist. What does not is answered UNKNOWN_TOPIC_OR_PARTITION, and left out.
// Source: KafkaApis.handleOffsetCommitRequest, handleOffsetDeleteRequest.

#include "sim/model/metadata_image.h"
#include "sim/wire/messages/offset_commit_request.h"
#include "sim/wire/messages/offset_commit_response.h"
#include "sim/wire/messages/offset_delete_request.h"
#include "sim/wire/messages/offset_delete_response.h"

namespace bsim::group {

// Takes out of the request what the image does not know; gives back the answers to that. If
// nothing is left, they are the whole answer.
wire::OffsetCommitResponse take_unknown(const MetadataImage& image,
                                        wire::OffsetCommitRequest& request);
wire::OffsetDeleteResponse take_unknown(const MetadataImage& image,
                                        wire::OffsetDeleteRequest& request);

// Adds the answers to what was left; those of one topic stand together.
void merge(wire::OffsetCommitResponse& into, const wire::OffsetCommitResponse& from);
// An error of the whole request takes the place of all.
void merge(wire::OffsetDeleteResponse& into, const wire::OffsetDeleteResponse& from);

}  // namespace bsim::group
