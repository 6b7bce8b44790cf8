/*
 * forecast.h - how tight a day will be: GET /v1/forecast. Answers that were worked out are given again while they hold.
 */
#ifndef API_RESOURCES_FORECAST_H
#define API_RESOURCES_FORECAST_H

#include "api/exchange/context.h"

enum { FORECASTS_KEPT = 16 };

struct forecasts *forecasts_new(void);
void forecasts_free(struct forecasts *f); /* NULL is fine */

#endif
