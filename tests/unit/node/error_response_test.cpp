// How servers refuse requests as a whole.

#include "sim/node/error_response.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "sim/node/response_error.h"
#include "sim/wire/api_table.h"
#include "sim/wire/field_sink.h"

namespace bsim {
namespace {

using wire::ErrorCode;

// What a message names and the errors that it tells, in their order.
class Names final : public wire::FieldSink {
  public:
    void open_object() override {}
    void close_object() override {}
    void open_array() override {}
    void close_array() override {}
    void name(const char* field) override { field_ = field; }
    void null() override {}
    void boolean(bool) override {}
    void real(double) override {}
    void uuid(const Uuid&) override {}
    void bytes(ByteView) override {}
    void records(const SharedBytes&) override {}
    void number(std::int64_t value) override {
        if (field_ == "errorCode")
            errors.push_back(value);
        static const std::set<std::string> kIndex = {"partition",  "partitionIndex",
                                                     "index",      "partitionId",
                                                     "partitions", "partitionIndexes"};
        if (kIndex.contains(field_))
            named.push_back(std::to_string(value));
    }
    // All that test requests name begins with "the-".
    void text(std::string_view value) override {
        if (value.starts_with("the-"))
            named.emplace_back(value);
    }

    std::vector<std::string> named;
    std::vector<std::int64_t> errors;

  private:
    std::string field_;
};

template <class Body>
Names names_in(const Body& body, std::int16_t version) {
    Names names;
    std::visit([&](const auto& message) { describe(message, version, names); },
               static_cast<const typename Body::variant&>(body));
    return names;
}

// Two topics with two partitions each, or two of what else the request is about.
template <class Topics, class Fill>
void fill_topics(Topics& topics, Fill fill) {
    for (const char* name : {"the-orders", "the-bills"}) {
        auto& topic = topics.emplace_back();
        for (const std::int32_t index : {0, 7})
            fill(topic, name, index);
    }
}
constexpr auto kByName = [](auto& topic, const char* name, std::int32_t index) {
    topic.name = name;
    topic.partitions.emplace_back().partition_index = index;
};
constexpr auto kByTopic = [](auto& topic, const char* name, std::int32_t index) {
    topic.topic = name;
    topic.partitions.emplace_back().partition = index;
};

void fill(wire::ProduceRequest& request) {
    request.acks = -1;
    fill_topics(request.topic_data, [](auto& topic, const char* name, std::int32_t index) {
        topic.name = name;
        topic.partition_data.emplace_back().index = index;
    });
}
void fill(wire::FetchRequest& request) {
    request.session_id = 99;
    fill_topics(request.topics, kByTopic);
}
void fill(wire::ListOffsetsRequest& request) {
    fill_topics(request.topics, kByName);
}
void fill(wire::OffsetCommitRequest& request) {
    fill_topics(request.topics, kByName);
}
void fill(wire::DeleteRecordsRequest& request) {
    fill_topics(request.topics, kByName);
}
void fill(wire::AlterPartitionReassignmentsRequest& request) {
    fill_topics(request.topics, kByName);
}
void fill(wire::OffsetForLeaderEpochRequest& request) {
    fill_topics(request.topics, kByTopic);
}
void fill(wire::ElectLeadersRequest& request) {
    fill_topics(*request.topic_partitions, [](auto& topic, const char* name, std::int32_t index) {
        topic.topic = name;
        topic.partitions.push_back(index);
    });
}
void fill(wire::MetadataRequest& request) {
    for (const char* name : {"the-orders", "the-bills"})
        request.topics->emplace_back().name = name;
}
void fill(wire::CreateTopicsRequest& request) {
    for (const char* name : {"the-orders", "the-bills"})
        request.topics.emplace_back().name = name;
}
void fill(wire::CreatePartitionsRequest& request) {
    for (const char* name : {"the-orders", "the-bills"})
        request.topics.emplace_back().name = name;
}
void fill(wire::IncrementalAlterConfigsRequest& request) {
    for (const char* name : {"the-orders", "the-bills"})
        request.resources.emplace_back().resource_name = name;
}
void fill(wire::DescribeGroupsRequest& request) {
    request.groups = {"the-billing", "the-audit"};
}
void fill(wire::DeleteGroupsRequest& request) {
    request.groups_names = {"the-billing", "the-audit"};
}
template <class Request>
void fill(Request& /*request*/) {}

// What is named differently in old versions and in new ones.
void fill_for(wire::DeleteTopicsRequest& request, std::int16_t version) {
    for (const char* name : {"the-orders", "the-bills"}) {
        if (version >= 6)
            request.topics.emplace_back().name = name;
        else
            request.topic_names.emplace_back(name);
    }
}
void fill_for(wire::OffsetFetchRequest& request, std::int16_t version) {
    if (version >= 8) {
        request.groups.emplace_back().group_id = "the-billing";
        request.groups.emplace_back().group_id = "the-audit";
    } else if (version < 2) {
        fill_topics(*request.topics, [](auto& topic, const char* name, std::int32_t index) {
            topic.name = name;
            topic.partition_indexes.push_back(index);
        });
    }
}
void fill_for(wire::FindCoordinatorRequest& request, std::int16_t version) {
    if (version >= 4)
        request.coordinator_keys = {"the-billing", "the-audit"};
}
template <class Request>
void fill_for(Request& request, std::int16_t /*version*/) {
    fill(request);
}

// Calls visit(request, version) for every API that the simulator speaks, in all of its versions.
template <class Visit>
void for_each_request(Visit visit) {
    const auto each_version = [&]<class Request>(Request*) {
        for (std::int16_t version = Request::kMinVersion; version <= Request::kMaxVersion;
             ++version) {
            Request request;
            fill_for(request, version);
            visit(wire::RequestBody(request), version);
        }
    };
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        (each_version(
             static_cast<std::variant_alternative_t<I, wire::RequestBody::variant>*>(nullptr)),
         ...);
    }
    (std::make_index_sequence<std::variant_size_v<wire::RequestBody::variant>>{});
}

TEST(ErrorResponse, IsOfTheRequestsApiAndTellsNoOtherError) {
    int answered = 0;
    for (const ErrorCode error :
         {ErrorCode::RequestTimedOut, ErrorCode::NotLeaderOrFollower, ErrorCode::NotController}) {
        for_each_request([&](const wire::RequestBody& request, std::int16_t version) {
            const auto answer = error_response(request, version, error);
            ASSERT_TRUE(answer);
            const std::string where = std::string(wire::name(wire::api(request))) + " v" +
                                      std::to_string(version) + " " + std::string(name(error));
            EXPECT_EQ(wire::api(*answer), wire::api(request)) << where;
            const std::vector<std::int64_t> errors = names_in(*answer, version).errors;
            EXPECT_TRUE(std::find(errors.begin(), errors.end(), wire::number(error)) !=
                        errors.end())
                << where;
            for (const std::int64_t told : errors) {
                const bool spared = std::holds_alternative<wire::FetchResponse>(*answer) &&
                                    told == 0 && error == ErrorCode::NotLeaderOrFollower;
                EXPECT_TRUE(told == wire::number(error) || spared) << where;
            }
            ++answered;
        });
    }
    EXPECT_GT(answered, 300);
}

TEST(ErrorResponse, NamesWhatTheRequestNamed) {
    int named = 0;
    for_each_request([&](const wire::RequestBody& request, std::int16_t version) {
        const auto answer = error_response(request, version, ErrorCode::NotLeaderOrFollower);
        const Names asked = names_in(request, version);
        EXPECT_EQ(names_in(*answer, version).named, asked.named)
            << wire::name(wire::api(request)) << " v" << version;
        named += asked.named.empty() ? 0 : 1;
    });
    EXPECT_GT(named, 60);
}

TEST(ErrorResponse, IsFoundByWhoeverLooksForTheFirstError) {
    for_each_request([&](const wire::RequestBody& request, std::int16_t version) {
        const auto answer = error_response(request, version, ErrorCode::NotController);
        const wire::ApiKey api = wire::api(request);
        // The rest has errors by partition alone, which nobody looks for there.
        const std::set<wire::ApiKey> deep = {wire::ApiKey::Produce,
                                             wire::ApiKey::ListOffsets,
                                             wire::ApiKey::OffsetCommit,
                                             wire::ApiKey::DeleteRecords,
                                             wire::ApiKey::OffsetForLeaderEpoch,
                                             wire::ApiKey::ElectLeaders};
        if (!deep.contains(api)) {
            EXPECT_EQ(first_error(*answer), ErrorCode::NotController)
                << wire::name(api) << " v" << version;
        }
    });
}

TEST(ErrorResponse, CanBeSentInTheRequestsVersion) {
    for_each_request([&](const wire::RequestBody& request, std::int16_t version) {
        auto answer = error_response(request, version, ErrorCode::UnknownServerError);
        const wire::Response response{version, 1, std::move(*answer)};
        EXPECT_EQ(wire::encode_frame(response).size(), wire::wire_size(response));
    });
}

TEST(ErrorResponse, ThereIsNoneForAProducerThatWaitsForNone) {
    wire::ProduceRequest request;
    fill(request);
    request.acks = 0;
    EXPECT_FALSE(error_response(request, 9, ErrorCode::RequestTimedOut));
}

TEST(ErrorResponse, OfAFetchStandsAtThePartitionsWhereItIsTheirs) {
    wire::FetchRequest request;
    fill(request);
    const auto by_partition = error_response(request, 16, ErrorCode::FencedLeaderEpoch);
    const auto& parts = std::get<wire::FetchResponse>(*by_partition);
    EXPECT_EQ(parts.error_code, 0);
    EXPECT_EQ(parts.session_id, 0) << "the session has not seen the request";
    ASSERT_EQ(parts.responses.size(), 2U);
    EXPECT_EQ(parts.responses[1].partitions.at(1).error_code, 74);
    EXPECT_EQ(parts.responses[1].partitions.at(1).high_watermark, -1);

    const auto whole = error_response(request, 16, ErrorCode::InvalidFetchSessionEpoch);
    EXPECT_EQ(std::get<wire::FetchResponse>(*whole).error_code, 71);
    EXPECT_EQ(std::get<wire::FetchResponse>(*whole).session_id, 99);
    EXPECT_TRUE(std::get<wire::FetchResponse>(*whole).responses.empty());

    const auto old = error_response(request, 12, ErrorCode::InvalidFetchSessionEpoch);
    EXPECT_EQ(std::get<wire::FetchResponse>(*old).error_code, 71);
    EXPECT_EQ(std::get<wire::FetchResponse>(*old).responses.size(), 2U);

    request.topics.clear();
    const auto nothing_new = error_response(request, 16, ErrorCode::FencedLeaderEpoch);
    EXPECT_EQ(std::get<wire::FetchResponse>(*nothing_new).error_code, 74);
}

TEST(ErrorResponse, OfAnApiVersionsRequestThatIsTooNewTellsTheVersions) {
    const auto answer =
        error_response(wire::ApiVersionsRequest(), 0, ErrorCode::UnsupportedVersion);
    const auto& keys = std::get<wire::ApiVersionsResponse>(*answer).api_keys;
    ASSERT_EQ(keys.size(), 1U);
    EXPECT_EQ(keys[0].api_key, 18);
    EXPECT_EQ(keys[0].max_version, wire::ApiVersionsRequest::kMaxVersion);
}

TEST(ErrorNames, LeadBackToTheError) {
    const auto all = wire::all_errors();
    EXPECT_EQ(all.size(), 128U);
    EXPECT_EQ(all.front(), ErrorCode::UnknownServerError);
    for (const ErrorCode error : all)
        EXPECT_EQ(wire::error_named(name(error)), error);
    EXPECT_EQ(wire::error_named("NONE"), ErrorCode::None);
    EXPECT_FALSE(wire::error_named("NOT_LEADER"));
}

}  // namespace
}  // namespace bsim
