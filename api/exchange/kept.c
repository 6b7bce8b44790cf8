#include "api/exchange/kept.h"

#include "api/exchange/answer.h"
#include "base/clock.h"

bool kept_answer(const struct kept *k, struct http_exchange *x, const struct broker_view *view,
                 usec_t span)
{
    struct buf body = {0};

    if (k->at == 0 || k->view_at != (view != NULL ? view->at : 0) ||
        clock_monotonic() - k->at >= span)
        return false;
    buf_add(&body, k->body.data, k->body.len);
    answer_json(x, 200, &body);
    return true;
}

void kept_put(struct kept *k, struct http_exchange *x, const struct broker_view *view,
              struct buf *body)
{
    buf_clear(&k->body);
    buf_add(&k->body, body->data, body->len);
    k->at = clock_monotonic();
    k->view_at = view != NULL ? view->at : 0;
    answer_json(x, 200, body);
}

void kept_clear(struct kept *k)
{
    buf_clear(&k->body);
    k->at = 0;
}
