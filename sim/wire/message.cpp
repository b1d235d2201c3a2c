#include "sim/wire/message.h"

#include "sim/base/check.h"
#include "sim/wire/api_table.h"
#include "sim/wire/messages/request_header.h"
#include "sim/wire/messages/response_header.h"

namespace bsim::wire {
namespace {

constexpr std::size_t kLengthPrefix = 4;

template <class Body>
std::size_t body_size(const Body& body, std::int16_t version) {
    return std::visit([version](const auto& b) { return encoded_size(b, version); }, body);
}

template <class Header, class Body>
std::vector<std::uint8_t> frame(const Header& header,
                                std::int16_t header_version,
                                const Body& body,
                                std::int16_t version) {
    ByteWriter out;
    out.put_i32(0);
    encode(header, header_version, out);
    std::visit([&](const auto& b) { encode(b, version, out); }, body);
    auto bytes = out.take();
    BSIM_CHECK(bytes.size() - kLengthPrefix <= INT32_MAX);
    store_be(bytes.data(), static_cast<std::int32_t>(bytes.size() - kLengthPrefix));
    return bytes;
}

}  // namespace

RequestBody::RequestBody() = default;
RequestBody::RequestBody(const RequestBody& other) = default;
RequestBody::RequestBody(RequestBody&& other) noexcept = default;
RequestBody& RequestBody::operator=(const RequestBody& other) = default;
RequestBody& RequestBody::operator=(RequestBody&& other) noexcept = default;
RequestBody::~RequestBody() = default;
bool RequestBody::operator==(const RequestBody& other) const {
    return static_cast<const variant&>(*this) == static_cast<const variant&>(other);
}

ResponseBody::ResponseBody() = default;
ResponseBody::ResponseBody(const ResponseBody& other) = default;
ResponseBody::ResponseBody(ResponseBody&& other) noexcept = default;
ResponseBody& ResponseBody::operator=(const ResponseBody& other) = default;
ResponseBody& ResponseBody::operator=(ResponseBody&& other) noexcept = default;
ResponseBody::~ResponseBody() = default;
bool ResponseBody::operator==(const ResponseBody& other) const {
    return static_cast<const variant&>(*this) == static_cast<const variant&>(other);
}

ApiKey api(const RequestBody& body) {
    return std::visit([](const auto& b) { return b.kApi; }, body);
}

ApiKey api(const ResponseBody& body) {
    return std::visit([](const auto& b) { return b.kApi; }, body);
}

std::size_t wire_size(const Request& request) {
    const std::int16_t header = request_header_version(api(request.body), request.version);
    // API key, version, correlation id; the client id; the number of tagged fields.
    std::size_t size = kLengthPrefix + 8;
    if (header >= 1)
        size += 2 + request.client_id.size();
    if (header >= 2)
        size += 1;
    return size + body_size(request.body, request.version);
}

std::size_t wire_size(const Response& response) {
    const std::int16_t header = response_header_version(api(response.body), response.version);
    const std::size_t tags = header >= 1 ? 1 : 0;
    return kLengthPrefix + 4 + tags + body_size(response.body, response.version);
}

std::vector<std::uint8_t> encode_frame(const Request& request) {
    const ApiKey key = api(request.body);
    RequestHeader header;
    header.request_api_key = static_cast<std::int16_t>(key);
    header.request_api_version = request.version;
    header.correlation_id = request.correlation_id;
    header.client_id = request.client_id;
    return frame(header, request_header_version(key, request.version), request.body,
                 request.version);
}

std::vector<std::uint8_t> encode_frame(const Response& response) {
    ResponseHeader header;
    header.correlation_id = response.correlation_id;
    const auto version = response_header_version(api(response.body), response.version);
    return frame(header, version, response.body, response.version);
}

}  // namespace bsim::wire
